"""What a profile says of its alarms' manners: its tables `rules` and `rises`, read and checked. Pure.

What holds for a profile holds for one that a place or a device has overridden: `flaw` says what is wrong with either.
"""

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from devices import member
from devices.profile import ALARMS, LATCHING, LISTS, Level, Profile
from devices.rule import ALARM, ALONE_MOST_S, FIRE_DELAY_MOST_S, LEVELS, NEAR, PREALARM, Rise, Rule

FIRE, MANUAL = "fire", "manual"
_TIMES = ("delay_s", "off_delay_s", "confirm_within_s", "alone_s", "escalates_after_s")
_RULE = {each.name for each in fields(Rule)}
_RISE = {each.name for each in fields(Rise)}
_DAY_S = 86400.0
_LEVEL_MEMBERS = {
    "column",
    "alarm",
    "at_least",
    "at_most",
    "latching",
    "clear_below",
    "clear_above",
    "level",
    "delay_s",
}
_CLEAR = ("clear_below", "clear_above")


def rule(name: str, table: dict[str, Any]) -> Rule:
    """The rule that the table `rules.NAME` gives.

    Raises ValueError with a sentence that says what is wrong.
    """
    if name not in ALARMS:
        raise ValueError(f"rules.{name}: {name!r} is none of {', '.join(sorted(ALARMS))}")
    member.known(table, _RULE, f"rules.{name}")
    values: dict[str, Any] = {key: seconds(table[key], f"rules.{name}.{key}") for key in _TIMES if key in table}
    latching = table.get("latching", name in LATCHING)
    if not isinstance(latching, bool):
        raise ValueError(f"rules.{name}.latching must be true or false")
    for key in ("confirm", "escalates_to"):
        if key in table:
            values[key] = member.text(table, key)
    return Rule(latching=latching, **values)


def seconds(value: object, what: str) -> float:
    """`value` as a time of at most a day.

    Raises ValueError.
    """
    found = member.number(value, what)
    if not 0 <= found <= _DAY_S:
        raise ValueError(f"{what} must be between 0 and {_DAY_S:.0f} seconds")
    return found


def levels(table: dict[str, Any], limits: dict[str, tuple[float, float]]) -> list[Level]:
    """The level that one table of `levels` gives, for each of its columns that `limits` has.

    Raises ValueError with a sentence that says what is wrong.
    """
    member.known(table, _LEVEL_MEMBERS, "a level")
    name, alarm = member.text(table, "column"), member.text(table, "alarm")
    if alarm not in ALARMS:
        raise ValueError(f"alarm {alarm!r} is none of {', '.join(sorted(ALARMS))}")
    latching = table.get("latching", False)
    if not isinstance(latching, bool) or (alarm in LATCHING and not latching):
        must = "true" if alarm in LATCHING else "true or false"
        raise ValueError(f"level of {name}: latching must be {must} for {alarm!r}")
    grave = table.get("level", ALARM)
    if grave not in LEVELS:
        raise ValueError(f"level of {name}: level {grave!r} is none of {', '.join(LEVELS)}")
    if grave == PREALARM and alarm in ("fire", "manual"):
        raise ValueError(f"level of {name}: a prealarm of fire is alarm = 'prealarm'")
    delay_s = seconds(table["delay_s"], f"delay_s of {name}") if "delay_s" in table else None
    at_least, at_most = (
        member.number(table[end], f"{end} of {name}") if end in table else None for end in ("at_least", "at_most")
    )
    if at_least is None and at_most is None:
        raise ValueError(f"level of {name}: give at_least or at_most")
    if at_least is not None and at_most is not None and at_most >= at_least:
        raise ValueError(f"level of {name}: at_most {at_most} must be below at_least {at_least}")
    columns = [column for column in LISTS.get(name, (name,)) if column in limits]
    if not columns:
        raise ValueError(f"level of {name!r}: the limits name no such value")
    for column in columns:
        low, high = limits[column]
        if not all(low <= end <= high for end in (at_least, at_most) if end is not None):
            raise ValueError(f"level of {name}: outside the limits {low} to {high}, it could never be reached")
    below, above = _clear(table, name, at_least, at_most)
    return [Level(column, alarm, at_least, at_most, latching, below, above, grave, delay_s) for column in columns]


def _clear(
    table: dict[str, Any], name: str, at_least: float | None, at_most: float | None
) -> tuple[float | None, float | None]:
    """Where the level is left again."""
    below, above = (member.number(table[end], f"{end} of {name}") if end in table else None for end in _CLEAR)
    lowest, highest = (-math.inf if at_most is None else at_most), (math.inf if at_least is None else at_least)
    if below is not None and (at_least is None or not lowest < below <= at_least):
        raise ValueError(f"level of {name}: clear_below must be at or below at_least, and above at_most")
    if above is not None and (at_most is None or not at_most <= above < highest):
        raise ValueError(f"level of {name}: clear_above must be at or above at_most, and below at_least")
    return below, above


def rise(table: dict[str, Any]) -> Rise:
    """The rise that one table of `rises` gives.

    Raises ValueError with a sentence that says what is wrong.
    """
    member.known(table, _RISE, "a rise")
    column, alarm = member.text(table, "column"), member.text(table, "alarm")
    if alarm not in ALARMS:
        raise ValueError(f"alarm {alarm!r} is none of {', '.join(sorted(ALARMS))}")
    needed = {
        key: member.number(table.get(key), f"{key} of the rise of {column}") for key in ("per_minute", "watch_from")
    }
    over_s = seconds(
        table.get("over_s", Rise.__dataclass_fields__["over_s"].default), f"over_s of the rise of {column}"
    )
    return Rise(column, alarm, over_s=over_s, **needed)


def flaw(profile: Profile) -> str | None:
    """What is wrong with its rules and rises as a whole, or None."""
    return next((found for found in (*_flaws_of_rules(profile), *_flaws_of_rises(profile)) if found is not None), None)


def _flaws_of_rules(profile: Profile) -> Iterator[str | None]:
    for name in dict.fromkeys([*profile.rules, *(level.alarm for level in profile.levels)]):
        one = profile.rule(name)
        levels = [level for level in profile.levels if level.alarm == name]
        yield _latching(name, one) if name in profile.rules else None
        yield _delays(name, one, levels)
        yield _confirmation(name, one)
        yield _escalation(name, one, levels)


def _latching(name: str, one: Rule) -> str | None:
    if name in LATCHING and not one.latching:
        return f"latching must be true for {name!r}: only a person's reset clears it"
    return None


def _delays(name: str, one: Rule, levels: list[Level]) -> str | None:
    if name == MANUAL and (one.delay_s or one.off_delay_s):
        return "rules.manual: a manual call waits for nothing, delay_s and off_delay_s must be 0"
    longest = max([one.delay_s, *(level.delay_s or 0.0 for level in levels)])
    if name == FIRE and longest > FIRE_DELAY_MOST_S:
        return f"delay_s of fire must be at most {FIRE_DELAY_MOST_S:.0f} seconds"
    return None


def _confirmation(name: str, one: Rule) -> str | None:
    if one.confirm is None:
        return None
    if name != FIRE:
        return f"rules.{name}: only a fire waits for a second detector, leave confirm out"
    if one.confirm not in NEAR:
        return f"rules.fire.confirm {one.confirm!r} is none of {', '.join(NEAR)}"
    if not 0 < one.alone_s <= ALONE_MOST_S:
        return f"rules.fire.alone_s must be above 0 and at most {ALONE_MOST_S:.0f} seconds: then it calls alone"
    return None


def _escalation(name: str, one: Rule, levels: list[Level]) -> str | None:
    if one.escalates_to not in (None, FIRE):
        return f"rules.{name}.escalates_to {one.escalates_to!r} must be 'fire', or left out"
    if one.escalates_to is not None and (one.escalates_after_s is None or name in (FIRE, MANUAL)):
        return f"rules.{name}: escalates_to needs escalates_after_s, and a kind that is no fire yet"
    if one.escalates_after_s is None or one.escalates_to is not None:
        return None
    if not any(level.level == PREALARM for level in levels):
        return f"rules.{name}: escalates_after_s needs escalates_to, or a level of {name!r} with level = 'prealarm'"
    return None


def _flaws_of_rises(profile: Profile) -> Iterator[str | None]:
    kinds = [one.alarm for one in profile.rises]
    for one in profile.rises:
        low, high = profile.limits.get(one.column, (0.0, 0.0))
        if one.column not in profile.limits:
            yield f"rise of {one.column!r}: the limits name no such value"
        elif kinds.count(one.alarm) > 1:
            yield f"rise of {one.column}: there is another one of {one.alarm!r}, one a kind is all"
        elif one.per_minute <= 0 or not 0 < one.over_s <= 600:
            yield f"rise of {one.column}: per_minute must be above 0, over_s above 0 and at most 600"
        elif not low <= one.watch_from < high:
            yield f"rise of {one.column}: watch_from must be inside the limits {low} to {high}"
