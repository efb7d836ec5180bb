"""The profiles as places and devices have them otherwise (`rules.csv` of a district pack). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from devices import rulebook
from devices.profile import LATCHING, LISTS, Level, Profile
from devices.registry import Registry
from devices.rule import ALARM, Override

NONE = "none"
"""As `confirm`: a fire waits for no second detector here, whatever its profile says."""
_OF_LEVEL = ("at_least", "at_most", "clear_below", "clear_above", "delay_s")
_OF_RULE = (
    "delay_s",
    "off_delay_s",
    "confirm",
    "confirm_within_s",
    "alone_s",
    "escalates_after_s",
    "escalates_to",
)


@dataclass(frozen=True, slots=True)
class Overridden:
    """`profiles`: device code -> its profile with what is overridden, only for devices that have something so.

    `flaws`: codes of overrides that cannot be, each with the reason; a device keeps its profile without them.
    """

    profiles: dict[str, Profile]
    flaws: tuple[tuple[str, str], ...]


def profile_of(registry: Registry, device: str) -> Profile | None:
    """What the device measures, and at which levels and by which rules it alarms; None where it is not registered."""
    found = registry.devices.get(device)
    if found is None:
        return None
    if registry.rules and (own := registry.once(overridden).profiles.get(device)) is not None:
        return own
    return registry.profiles.get(found.profile)


def overridden(registry: Registry) -> Overridden:
    """All overrides of the registry: those of a place first, then those of a device, by code."""
    made: dict[tuple[str, tuple[str, ...]], Profile] = {}
    flaws: dict[tuple[str, str], None] = {}
    profiles = {}
    for device, ones in _by_device(registry):
        base = registry.profiles.get(registry.devices[device].profile)
        if base is None:
            continue
        key = base.code, tuple(one.code for one in ones)
        if key not in made:
            made[key] = _all_applied(base, ones, flaws)
        profiles[device] = made[key]
    return Overridden(profiles, tuple(flaws))


def _by_device(registry: Registry) -> Iterator[tuple[str, list[Override]]]:
    of_place: dict[str, list[Override]] = {}
    of_device: dict[str, list[Override]] = {}
    for _, one in sorted(registry.rules.items()):
        if one.device is not None:
            of_device.setdefault(one.device, []).append(one)
        elif one.place is not None:
            of_place.setdefault(one.place, []).append(one)
    concerned = [device for place in of_place for device in registry.devices_at(place)]
    for device in dict.fromkeys([*concerned, *(code for code in of_device if code in registry.devices)]):
        yield device, [*of_place.get(registry.devices[device].place, ()), *of_device.get(device, ())]


def _all_applied(profile: Profile, ones: Sequence[Override], flaws: dict[tuple[str, str], None]) -> Profile:
    for one in ones:
        try:
            profile = applied(profile, one)
        except ValueError as error:
            flaws[one.code, f"{error} (profile {profile.code})"] = None
    return profile


def applied(profile: Profile, one: Override) -> Profile:
    """The profile with what `one` says. One of a place leaves profiles as they are that do not measure its value.

    Raises ValueError with a sentence that says what is wrong.
    """
    changed = _with_level(profile, one) if one.column is not None else _with_rule(profile, one)
    if (flaw := rulebook.flaw(changed)) is not None:
        raise ValueError(flaw)
    return changed


def _with_rule(profile: Profile, one: Override) -> Profile:
    values: dict[str, Any] = {key: getattr(one, key) for key in _OF_RULE if getattr(one, key) is not None}
    if values.get("confirm") == NONE:
        values["confirm"] = None
    base = profile.rule(one.alarm)
    values["latching"] = base.latching or one.alarm in LATCHING if one.latching is None else one.latching
    return replace(profile, rules={**profile.rules, one.alarm: replace(base, **values)})


def _with_level(profile: Profile, one: Override) -> Profile:
    columns = [column for column in LISTS.get(one.column or "", (one.column or "",)) if column in profile.limits]
    if not columns and one.place is not None:
        return profile
    levels = list(profile.levels)
    for column in columns or [one.column or ""]:
        at = next((number for number, level in enumerate(levels) if _meant(one, level, column)), None)
        (new,) = rulebook.levels(_table(one, column, levels[at] if at is not None else None), profile.limits)
        if at is not None:
            levels[at] = new
        else:
            levels.append(new)
    return replace(profile, levels=tuple(levels))


def _meant(one: Override, level: Level, column: str) -> bool:
    return (level.column, level.alarm, level.level) == (column, one.alarm, one.level or ALARM)


def _table(one: Override, column: str, before: Level | None) -> dict[str, Any]:
    """The level as a table of a profile, in which the override's words stand before the profile's."""
    table: dict[str, Any] = {"column": column, "alarm": one.alarm, "latching": one.alarm in LATCHING}
    if before is not None:
        table["latching"] = before.latching
    table["level"] = one.level or ALARM
    for key in _OF_LEVEL:
        value = getattr(one, key) if getattr(one, key) is not None else getattr(before, key, None)
        if value is not None:
            table[key] = value
    return table
