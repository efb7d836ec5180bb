"""The device profiles on disk: a TOML file per model (DESIGN decision 14); `devices/profiles/` is what is shipped."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from devices import member, rulebook
from devices.model import CODE, Kind
from devices.profile import CANONICAL, LATCHING, LISTS, Field, Level, Profile
from devices.rule import PLAIN, Rule

SHIPPED = Path(__file__).parent / "profiles"

_MEMBERS = {"code", "name", "kind", "interval_s", "offline_after_s", "limits", "levels", "fields", "rules", "rises"}
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
    levels = tuple(level for raw in table.get("levels", []) for level in rulebook.levels(raw, limits))
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
