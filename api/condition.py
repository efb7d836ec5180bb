"""How a device is: from its alarms, and from when it was last heard."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from api.desk import Shape
from devices import instant
from devices.model import Device
from devices.registry import Registry
from dispatch.alarm import PRIORITY, AlarmKind

UNKNOWN_OFFLINE_AFTER_S = 600
"""For a device whose profile is not known: the profiles' own default."""

_FAULTS = frozenset({AlarmKind.FAULT, AlarmKind.TAMPER, AlarmKind.LOW_BATTERY, AlarmKind.CONTAMINATION})
_ON = frozenset({"pending", "active", "restored"})


def state(kinds: Iterable[str], last_seen: datetime | None, now: datetime, offline_after: timedelta) -> str:
    """`alarm`, `fault`, `offline`, `normal` or `unknown` (never heard), the gravest that is true.

    `kinds` are those of the device's alarms that are on and not shelved.
    """
    on = {AlarmKind(kind) for kind in kinds}
    if any(PRIORITY[kind] < PRIORITY[AlarmKind.FAULT] for kind in on):
        return "alarm"
    if AlarmKind.OFFLINE in on or (last_seen is not None and now - last_seen > offline_after):
        return "offline"
    if on & _FAULTS:
        return "fault"
    return "unknown" if last_seen is None else "normal"


def kinds_on(alarms: Iterable[Shape]) -> dict[str, set[str]]:
    """Device code -> kinds of its alarms that are on."""
    found: dict[str, set[str]] = {}
    for alarm in alarms:
        if alarm["state"] in _ON:
            found.setdefault(alarm["device"], set()).add(alarm["kind"])
    return found


def shape(registry: Registry, device: Device, kinds: Iterable[str], last_seen: datetime | None, now: datetime) -> Shape:
    """The device in the contract's shape."""
    profile = registry.profiles.get(device.profile)
    place = registry.places.get(device.place)
    lon, lat = registry.location(device.code) or (None, None)
    after_s = profile.offline_after_s if profile is not None else UNKNOWN_OFFLINE_AFTER_S
    return {
        "code": device.code,
        "profile": device.profile,
        "kind": profile.kind if profile is not None else None,
        "gateway": device.gateway,
        "place": device.place,
        "floor": device.floor,
        "room": device.room,
        "lon": lon,
        "lat": lat,
        "grid": chain(registry, place.grid if place is not None else None),
        "installed_on": device.installed_on,
        "state": state(kinds, last_seen, now, timedelta(seconds=after_s)),
        "last_seen": instant.text(last_seen) if last_seen is not None else None,
    }


def chain(registry: Registry, grid: str | None) -> list[Shape]:
    """The grid and those above it, small to large."""
    above = registry.grid_chain(grid) if grid is not None else ()
    return [{"code": one.code, "name": one.name, "level": one.level} for one in above]
