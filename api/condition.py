"""How devices and gateways are: from alarms, and from what ingest noted of them.

No clock is asked: silence that nobody listened to is none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.desk import Shape
from devices import instant, override
from devices.model import Device
from devices.registry import Registry
from dispatch.facts.alarm import PRIORITY, AlarmKind

_FAULTS = frozenset({AlarmKind.FAULT, AlarmKind.TAMPER, AlarmKind.LOW_BATTERY, AlarmKind.CONTAMINATION})
_ON = frozenset({"active", "restored"})
"""A pending alarm is none yet."""
_GATEWAY = "gateway"
_GRACE = timedelta(seconds=2)
"""What comes so shortly after a last will may have been sent before it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was heard of a device: when last (None: never), whether it or its gateway is told offline, and how far its
    clock is ahead of ours.
    """

    last_seen: datetime | None = None
    offline: bool = False
    gateway_offline: bool = False
    clock_offset_s: float | None = None


def state(kinds: Iterable[str], sight: Sight | None, *, gateway_alarm: bool = False) -> str:
    """`alarm`, `fault`, `offline`, `normal` or `unknown` (never heard), the gravest that is true.

    `kinds` are those of the device's alarms that are on and not shelved; `gateway_alarm`: its gateway has one of being
    offline. `sight` is None while nobody can say.
    """
    on = {AlarmKind(kind) for kind in kinds}
    if any(PRIORITY[kind] < PRIORITY[AlarmKind.FAULT] for kind in on):
        return "alarm"
    never = sight is not None and sight.last_seen is None
    silent = sight is not None and (sight.offline or sight.gateway_offline)
    if AlarmKind.OFFLINE in on or ((gateway_alarm or silent) and not never):
        return "offline"
    if on & _FAULTS:
        return "fault"
    return "unknown" if sight is None or never else "normal"


def kinds_on(alarms: Iterable[Shape]) -> dict[str, set[str]]:
    """Device code -> kinds of its alarms that are on."""
    found: dict[str, set[str]] = {}
    for alarm in alarms:
        if alarm["state"] in _ON and _GATEWAY not in alarm["flags"]:
            found.setdefault(alarm["device"], set()).add(alarm["kind"])
    return found


def gateways_off(alarms: Iterable[Shape]) -> frozenset[str]:
    """Codes of the gateways with an alarm of being offline that is on."""
    return frozenset(alarm["device"] for alarm in alarms if alarm["state"] in _ON and _GATEWAY in alarm["flags"])


def gateway_state(said: str | None, said_at: datetime | None, last_seen: datetime | None, *, offline: bool) -> str:
    """`offline` when it is told so or said so and was not heard since; `online` when it was heard, else `unknown`."""
    if offline:
        return "offline"
    heard_since = last_seen is not None and (said_at is None or last_seen > said_at + _GRACE)
    if said == "offline" and not heard_since:
        return "offline"
    return "online" if said is not None or last_seen is not None else "unknown"


def shape(
    registry: Registry, device: Device, kinds: Iterable[str], sight: Sight | None, gateways_off: Collection[str] = ()
) -> Shape:
    """The device in the contract's shape."""
    profile = registry.profiles.get(device.profile)
    place = registry.places.get(device.place)
    lon, lat = registry.location(device.code) or (None, None)
    last_seen = sight.last_seen if sight is not None else None
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
        "state": state(kinds, sight, gateway_alarm=device.gateway in gateways_off),
        "last_seen": instant.text(last_seen) if last_seen is not None else None,
        "clock_offset_s": sight.clock_offset_s if sight is not None else None,
    }


def watched(registry: Registry, code: str) -> Shape:
    """`interval_s`, how often its model reports, and `levels`, at which values it alarms, as overridden for it."""
    profile = override.profile_of(registry, code)
    if profile is None:
        return {"interval_s": None, "levels": []}
    levels = [
        {
            "column": one.column,
            "alarm": one.alarm,
            "level": one.level,
            "at_least": one.at_least,
            "at_most": one.at_most,
        }
        for one in profile.levels
    ]
    return {"interval_s": profile.interval_s, "levels": levels}


def chain(registry: Registry, grid: str | None) -> list[Shape]:
    """The grid and those above it, small to large."""
    above = registry.grid_chain(grid) if grid is not None else ()
    return [{"code": one.code, "name": one.name, "level": one.level} for one in above]
