"""Who can come: people on shift."""

from datetime import datetime

from devices.model import STATION_DUTIES
from devices.registry import Registry


def crew_available(registry: Registry, station: str, local: datetime) -> int:
    """How many people are on shift at local time `local`; without a roster, all who serve there."""
    on_shift = registry.on_shift(station, local)
    if on_shift is not None:
        return len(on_shift)
    serving = {person.code for person in registry.people.values() if person.station == station}
    for duty in STATION_DUTIES:
        serving.update(registry.holders(duty, station))
    return len(serving)
