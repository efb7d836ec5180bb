"""Which places stand beside a place, looked up once per registry: a thousand alarms a second ask for it."""

from devices.nearby import Nearby
from devices.registry import Registry


class _Beside:
    """The places of one registry by where they lie, and what was asked of them before."""

    def __init__(self, registry: Registry) -> None:
        self._places = registry.places
        self._nearby = Nearby((one.code, one.lon, one.lat) for one in registry.places.values())
        self._asked: dict[tuple[str, float], tuple[str, ...]] = {}

    def of(self, place: str, within_m: float) -> tuple[str, ...]:
        known = self._asked.get((place, within_m))
        if known is None:
            here = self._places[place]
            found = self._nearby.within(here.lon, here.lat, within_m)
            known = self._asked[place, within_m] = tuple(code for _, code in found if code != place)
        return known


def prepare(registry: Registry) -> None:
    """Its places have been put in order, so that no alarm waits for it."""
    registry.once(_Beside)


def beside(registry: Registry, place: str, within_m: float) -> tuple[str, ...]:
    """Codes of the other places no farther from `place` than `within_m` metres in a straight line, nearest first."""
    if within_m <= 0 or place not in registry.places:
        return ()
    return registry.once(_Beside).of(place, within_m)
