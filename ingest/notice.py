"""Changes in who is silent become signals for the desk, like any other (DESIGN decision 5)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from devices.registry import Registry
from devices.signal import Signal
from ingest.offline import Change, Changes
from ingest.value import at

OFFLINE, ONLINE = "offline", "online"
"""The events of such signals; gateways cannot send them."""


def signals(changes: Changes, registry: Registry, now: datetime) -> list[Signal]:
    """One for each change, gateways first: theirs carry the flag `gateway` and name it where others name a device.

    `ts` is when it was last heard, or heard again: a restore is never older than what it restores.
    """
    found = []
    for one in changes.gateways:
        gateway = registry.gateways.get(one.code)
        place = gateway.place if gateway is not None else ""
        found.append(_signal(one, one.code, place, ("gateway",), now))
    for one in changes.devices:
        device = registry.devices.get(one.code)
        where = (device.gateway, device.place) if device is not None else ("", "")
        found.append(_signal(one, *where, (), now))
    return found


def _signal(one: Change, gateway: str, place: str, flags: Sequence[str], now: datetime) -> Signal:
    event = OFFLINE if one.offline else ONLINE
    return Signal(
        id=signal_id(one.code, event, one.at_us, flags),
        gateway=gateway,
        device=one.code,
        place=place,
        ts=at(one.at_us),
        received_at=now,
        event=event,
        flags=tuple(flags),
    )


def signal_id(code: str, event: str, at_us: int, flags: Sequence[str]) -> str:
    """The same whoever decides it, and however often."""
    return "o:" + hashlib.sha256("\0".join((code, event, str(at_us), *flags)).encode()).hexdigest()[:32]
