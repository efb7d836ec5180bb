"""The device profiles on disk: a TOML file per model (DESIGN decision 14); `devices/profiles/` is what is shipped."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from devices import member, rulebook
from devices.model import CODE, Kind
from devices.profile import ALARMS, CANONICAL, LATCHING, LISTS, Field, Level, Profile
from devices.rule import ALARM, LEVELS, PLAIN, PREALARM, Rule

SHIPPED = Path(__file__).parent / "profiles"

_MEMBERS = {"code", "name", "kind", "interval_s", "offline_after_s", "limits", "levels", "fields", "rules", "rises"}
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
_FIELD_MEMBERS = {"column", "scale", "offset", "unit"}


def load(folder: Path | None = None) -> dict[str, Profile]:
    """Every profile of `folder` (the shipped catalogue when None), by code.

    Raises ValueError naming the file and what is wrong with it.
    """
    profiles: dict[str, Profile] = {}
    for path in sorted((folder or SHIPPED).glob("*.toml")):
        try:
            profiles[path.stem] = parse(path.read_text(encoding="utf-8"), path.stem)
        except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
            raise ValueError(f"{path}: {error}") from error
    return profiles


def parse(text: str, stem: str) -> Profile:
    """The profile that `text` (TOML) of the file `stem`.toml describes.

    In `limits` and `levels` a list's name (`current_a`) stands for all of its columns.

    Raises ValueError with a sentence that says what is wrong.
    """
    table = tomllib.loads(text)
    member.known(table, _MEMBERS, "the profile")
    code, name = member.text(table, "code"), member.text(table, "name")
    if not CODE.fullmatch(code) or code != stem:
        raise ValueError(f"code {code!r} must be a code and the file's name, {stem!r}")
    if (kind_name := member.text(table, "kind")) not in set(Kind):
        raise ValueError(f"kind {kind_name!r} is none of {', '.join(Kind)}")
    kind = Kind(kind_name)
    limits = _limits(kind, member.table(table, "limits"))
    levels = tuple(level for raw in table.get("levels", []) for level in _levels(raw, limits))
    profile = Profile(
        code=code,
        name=name,
        kind=kind,
        limits=limits,
        levels=levels,
        fields={word: _field(word, raw, limits) for word, raw in table.get("fields", {}).items()},
        interval_s=member.seconds(table, "interval_s", 60),
        offline_after_s=member.seconds(table, "offline_after_s", 600),
        rules=_rules(table.get("rules", {}), levels),
        rises=tuple(rulebook.rise(raw) for raw in table.get("rises", [])),
    )
    if (flaw := rulebook.flaw(profile)) is not None:
        raise ValueError(flaw)
    return profile


def _rules(table: object, levels: tuple[Level, ...]) -> dict[str, Rule]:
    """By kind; one whose levels latch has a rule that says so."""
    if not isinstance(table, dict):
        raise ValueError("rules must be a table of tables, such as [rules.residual]")
    rules = {name: rulebook.rule(name, raw) for name, raw in table.items()}
    for level in levels:
        if level.latching and level.alarm not in LATCHING:
            rules[level.alarm] = replace(rules.get(level.alarm, PLAIN), latching=True)
    return rules


def _limits(kind: Kind, table: dict[str, Any]) -> dict[str, tuple[float, float]]:
    limits: dict[str, tuple[float, float]] = {}
    for name, pair in table.items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"limits.{name} must be [lowest, highest]")
        low, high = (member.number(value, f"limits.{name}") for value in pair)
        if low >= high:
            raise ValueError(f"limits.{name}: {low} is not below {high}")
        for column in LISTS.get(name, (name,)):
            if column not in CANONICAL[kind]:
                raise ValueError(f"limits.{name} is no value of {kind} devices: {', '.join(CANONICAL[kind])}")
            limits[column] = (low, high)
    if not limits:
        raise ValueError("limits is empty: name at least one value the device measures")
    return limits


def _levels(table: dict[str, Any], limits: dict[str, tuple[float, float]]) -> list[Level]:
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
    delay_s = rulebook.seconds(table["delay_s"], f"delay_s of {name}") if "delay_s" in table else None
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


def _field(word: str, table: dict[str, Any], limits: dict[str, tuple[float, float]]) -> Field:
    member.known(table, _FIELD_MEMBERS, f"fields.{word}")
    if (column := member.text(table, "column")) not in limits:
        raise ValueError(f"fields.{word}: {column!r} has no limits")
    scale = member.number(table.get("scale", 1.0), f"fields.{word}.scale")
    if scale == 0:
        raise ValueError(f"fields.{word}.scale must not be 0")
    offset = member.number(table.get("offset", 0.0), f"fields.{word}.offset")
    unit = table.get("unit", "")
    if not isinstance(unit, str):
        raise ValueError(f"fields.{word}.unit must be text")
    return Field(word, column, scale, offset, unit)
