"""The policy for one case: which rules apply to a place, kind and severity at a local moment, and what follows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dispatch.policy.policy import Policy, Rule, Tier

ANY_PERIOD = "*"


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at. A None is what no rule that asks for it fits."""

    category: str | None = None
    kind: str | None = None
    source: str | None = None
    severity: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds for the case: `policy` with the numbers, tiers and informed duties as the rules have set them.

    `rules`: names of those that applied, in order. `climbs`: an unanswered order may climb to the grids above.
    """

    policy: Policy
    rules: tuple[str, ...]
    periods: tuple[str, ...]
    climbs: bool


def resolve(policy: Policy, case: Case, local: datetime) -> Plan:
    """The plan of the case at the local moment. Rules apply in the file's order; the last that sets a thing wins."""
    periods = policy.periods_at(local)
    applied = [one for one in policy.rules if _fits(one, case, periods, local)]
    changed: dict[str, Any] = {}
    for one in applied:
        changed |= dict(one.numbers)
        changed |= {} if one.inform is None else {"inform": one.inform}
        changed |= {} if one.inform_levels is None else {"inform_levels": one.inform_levels}
    if applied:
        changed["tiers"] = tuple(_tiers(policy.tiers, applied))
    night = policy.night.covers(local.time())
    return Plan(
        policy=replace(policy, **changed) if changed else policy,
        rules=tuple(one.name for one in applied),
        periods=periods,
        climbs=not night or case.kind in policy.night_climbs,
    )


def _fits(rule: Rule, case: Case, periods: tuple[str, ...], local: datetime) -> bool:
    return (
        _among(case.category, rule.categories)
        and _among(case.kind, rule.kinds)
        and _among(case.source, rule.sources)
        and case.severity >= rule.severity_at_least
        and (rule.hours is None or rule.hours.covers(local.time()))
        and _within(periods, rule.periods)
    )


def _within(periods: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if ANY_PERIOD in wanted:
        return bool(periods)
    return not wanted or not {*periods}.isdisjoint(wanted)


def _among(found: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or found in wanted


def _tiers(tiers: tuple[Tier, ...], applied: list[Rule]) -> Iterator[Tier]:
    for tier in tiers:
        strength, at_once = tier.strength, tier.at_once
        for rule in applied:
            strength = dict(rule.strengths).get(tier.name, strength)
            at_once = dict(rule.at_once).get(tier.name, at_once)
        yield replace(tier, strength=strength, at_once=at_once)
