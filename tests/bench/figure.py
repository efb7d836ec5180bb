"""A figure: what was measured how often, beside its target and its reference. Pure."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """`words` say it, `met` tells whether a figure's median keeps it."""

    words: str
    met: Callable[["Figure"], bool]


@dataclass(frozen=True, slots=True)
class Figure:
    """`values`: one for each repeat. `against`: the reference's values in the same run, by the reference's name."""

    name: str
    values: Sequence[float]
    unit: str = ""
    digits: int = 0
    target: Target | None = None
    against: Sequence[tuple[str, Sequence[float]]] = ()
    remark: str = ""
    missing: str = ""
    extra: dict[str, float] = field(default_factory=dict)

    def median(self) -> float:
        """Of the repeats."""
        return statistics.median(self.values)

    def ratio(self, number: int = 0) -> float:
        """Of the medians: this to its reference."""
        return self.median() / statistics.median(self.against[number][1])

    def row(self) -> tuple[str, ...]:
        """Figure, measured, target, reference, ratio, verdict."""
        if self.missing:
            return (self.name, f"not measured: {self.missing}", self.target.words if self.target else "", "", "", "")
        references = "; ".join(f"{name}: {self._spread(values)}" for name, values in self.against)
        ratios = "; ".join(f"{self.ratio(number):.2f}" for number in range(len(self.against)))
        verdict = "" if self.target is None else ("met" if self.target.met(self) else "missed")
        return (
            self._named(),
            self._spread(self.values),
            self.target.words if self.target else "",
            references,
            ratios,
            verdict,
        )

    def _named(self) -> str:
        return f"{self.name} ({self.remark})" if self.remark else self.name

    def _spread(self, values: Sequence[float]) -> str:
        """The median, and from where to where the repeats go."""
        middle = f"{statistics.median(values):,.{self.digits}f}"
        unit = f" {self.unit}" if self.unit else ""
        if len(values) == 1:
            return f"{middle}{unit}"
        return f"{middle}{unit} ({min(values):,.{self.digits}f} to {max(values):,.{self.digits}f}, n = {len(values)})"


HEADER = ("figure", "measured: median (range)", "target", "reference in the same run", "ratio", "")


def at_least(limit: float, words: str = "") -> Target:
    """The median is this or more."""
    return Target(words or f"≥ {limit:,.0f}", lambda figure: figure.median() >= limit)


def at_most(limit: float, words: str = "") -> Target:
    """The median is this or less."""
    return Target(words or f"≤ {limit:,.0f}", lambda figure: figure.median() <= limit)


def ratio_at_least(limit: float) -> Target:
    """The medians' ratio to the first reference is this or more."""
    return Target(f"≥ {limit:.1f} × reference", lambda figure: figure.ratio() >= limit)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]
