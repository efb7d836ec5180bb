"""State diagrams (mermaid) written from the lifecycles' tables. Run it to write docs/lifecycles.md anew."""

import re
from pathlib import Path

from dispatch.facts import alarm, order
from dispatch.facts.alarm import AlarmEvent, AlarmKind, AlarmState
from dispatch.facts.order import OrderEvent, OrderKind, OrderState

PAGE = Path(__file__).parents[2] / "docs" / "lifecycles.md"
_BLOCK = re.compile(r"(<!-- diagram: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def orders() -> str:
    """Every step of an order that changes its state, of whatever kind the order is."""
    steps: dict[tuple[str, str], list[str]] = {}
    for state in OrderState:
        for event in OrderEvent:
            for after in dict.fromkeys(order.advance(kind, state, event) for kind in OrderKind):
                if after is not None and after is not state:
                    steps.setdefault((state.value, after.value), []).append(event.value)
    return _drawn(["drafted"], steps, [state.value for state in order.ENDED - {OrderState.LAPSED}])


def alarms(kind: AlarmKind) -> str:
    """Every step of an alarm of this kind."""
    steps: dict[tuple[str, str], list[str]] = {}
    for state in AlarmState:
        for event in AlarmEvent:
            after = alarm.advance(kind, state, event)
            if after is not None:
                steps.setdefault((state.value, after.value), []).append(event.value)
    return _drawn(["pending", "active"], steps, ["cleared"])


def page(text: str) -> str:
    """`text` with each diagram between its marks as the tables have it now."""
    drawn = {"order": orders(), "latched": alarms(AlarmKind.FIRE), "plain": alarms(AlarmKind.FAULT)}
    return _BLOCK.sub(lambda found: f"{found[1]}{drawn[found[2]]}{found[3]}", text)


def _drawn(first: list[str], steps: dict[tuple[str, str], list[str]], last: list[str]) -> str:
    lines = [f"    [*] --> {state}" for state in first]
    lines += [f"    {before} --> {after}: {', '.join(events)}" for (before, after), events in steps.items()]
    lines += [f"    {state} --> [*]" for state in sorted(last)]
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```", ""))


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
