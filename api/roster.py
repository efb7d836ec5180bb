"""Who is on shift at a station from when until when. Pure."""

from dataclasses import dataclass
from datetime import datetime

from devices.registry import Registry


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to `until` these people (codes) are on shift; nobody: a gap."""

    start: datetime
    until: datetime
    people: tuple[str, ...]


def spans(registry: Registry, station: str, start: datetime, until: datetime) -> list[Span] | None:
    """The time from `start` to `until` (both in the district's zone), without a hole; None where there is no roster.

    Neighbouring spans with the same people are one.
    """
    if registry.on_shift(station, start) is None:
        return None
    found: list[Span] = []
    at = start
    while at < until:
        # the sum of a local time and a duration is wall time, as rosters are
        coming = registry.changes(station, at)
        after = min(at + coming[0], until) if coming else until
        people = registry.on_shift(station, at) or ()
        if found and found[-1].people == people:
            found[-1] = Span(found[-1].start, after, people)
        else:
            found.append(Span(at, after, people))
        at = after
    return found
