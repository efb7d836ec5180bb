"""The haste of a rising value, measured between readings by the device's own clock (EN 54-5, GB 4716: class R)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from devices.registry import Registry
from devices.rule import Rise

Samples = Sequence[tuple[datetime, float]]
"""Device time and value, oldest first."""

_WINDOWS = 3
"""A sample older than so many times `over_s` says nothing any more."""
_FALLEN = 1.0
"""A value that lies so far under the last sample (in its unit) is measured from anew."""


def hasty(samples: Samples, rise: Rise, ts: datetime, value: float) -> bool:
    """True when it rose by what `rise` asks of `over_s`, and since as fast, from a sample that still counts."""
    over_s = rise.over_s
    for at, before in samples:
        elapsed_s = (ts - at).total_seconds()
        if 0 < elapsed_s <= _WINDOWS * over_s and value - before >= rise.per_minute * max(elapsed_s, over_s) / 60:
            return True
    return False


def telling(samples: Samples, rise: Rise, ts: datetime, value: float) -> bool:
    """True when this value is to be measured from later on: the last was long enough ago, or it has fallen since."""
    if not samples:
        return True
    at, before = samples[-1]
    elapsed_s = (ts - at).total_seconds()
    return elapsed_s >= rise.over_s or (elapsed_s > 0 and value < before - _FALLEN)


def patience(registry: Registry, device: str) -> timedelta:
    """How long a device that says no more is still watched: until it would be offline."""
    found = registry.devices.get(device)
    profile = registry.profiles.get(found.profile) if found is not None else None
    return timedelta(seconds=profile.offline_after_s if profile is not None else 600)
