"""A policy as data, for programs."""

from datetime import timedelta
from typing import Any

from dispatch.policy.plan import ANY_PERIOD
from dispatch.policy.policy import NUMBERS, Check, Period, Policy, Rule, Span, Tier


def data(policy: Policy) -> dict[str, Any]:
    """The policy for programs: durations in seconds, hours as `HH:MM`."""
    return {
        **_called(policy),
        "digest": policy.digest,
        "numbers": {name: _plain(getattr(policy, name)) for name in NUMBERS},
        "tiers": [
            {
                **_called(one),
                "who": "own_station" if one.own else list(one.who),
                "milestone_s": one.milestone.total_seconds(),
                "means": one.meaning,
                "call": "at_once" if one.at_once else "backwards",
                "strength": one.strength,
            }
            for one in policy.tiers
        ],
        "verify": [
            {**_called(one), "who": list(one.who), "after_s": one.after.total_seconds()} for one in policy.checks
        ],
        "false_from": list(policy.false_from),
        "confirmed": {"inform": list(policy.inform), "levels": list(policy.inform_levels)},
        "night": {**_span(policy.night), "climbs": list(policy.night_climbs)},
        "rules": [_rule_data(one) for one in policy.rules],
        "periods": [
            {**_called(one), "from": _day(one.first), "until": _day(one.last)} for one in policy.periods
        ],
    }  # fmt: skip


def _rule_data(rule: Rule) -> dict[str, Any]:
    when: dict[str, Any] = {
        "category": list(rule.categories),
        "kind": list(rule.kinds),
        "source": list(rule.sources),
        "severity_at_least": rule.severity_at_least or None,
        "hours": _span(rule.hours) if rule.hours is not None else None,
        "period": "any" if ANY_PERIOD in rule.periods else list(rule.periods),
    }
    then: dict[str, Any] = {
        "strength": dict(rule.strengths),
        "call": {name: "at_once" if now else "backwards" for name, now in rule.at_once},
        "inform": list(rule.inform) if rule.inform is not None else None,
        "levels": list(rule.inform_levels) if rule.inform_levels is not None else None,
        **{name: _plain(value) for name, value in rule.numbers},
    }
    return {
        **_called(rule),
        "when": {key: value for key, value in when.items() if value},
        "set": {key: value for key, value in then.items() if value not in (None, {})},
    }


def _called(one: Policy | Tier | Check | Rule | Period) -> dict[str, Any]:
    """The name, and the title in both languages: the name where there is none."""
    zh, en = one.title
    return {"name": one.name, "title": {"zh": zh or one.name, "en": en or one.name}}


def _plain(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _span(span: Span) -> dict[str, str]:
    return {"from": f"{span.start:%H:%M}", "until": f"{span.until:%H:%M}"}


def _day(day: tuple[int | None, int, int]) -> str:
    year, month, date = day
    return f"{month:02}-{date:02}" if year is None else f"{year:04}-{month:02}-{date:02}"
