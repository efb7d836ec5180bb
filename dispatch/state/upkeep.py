"""False alarms are counted per device and place; where they repeat, somebody is asked to put it right."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from devices import instant
from dispatch.facts.fact import Upkeep
from dispatch.facts.kind import MAINTENANCE
from dispatch.policy.policy import Policy
from dispatch.state.finding import FALSE
from dispatch.state.state import FalseAlarm, Incident, State
from dispatch.world import World

SOURCE = "false_alarms"
"""Where an incident for maintenance comes from."""
TIMER = "maintain"
"""Runs out when the night is over and somebody may be asked for the maintenance."""


def counts(about: Incident) -> bool:
    """True when the closed incident was a false alarm. Exercises, tests and maintenance itself are none."""
    return about.verdict == FALSE and about.drill is None and about.kind != MAINTENANCE


def of_device(code: str) -> str:
    """Where the false alarms of a device are found."""
    return f"device {code}"


def of_place(code: str) -> str:
    """Where the false alarms of a place are found."""
    return f"place {code}"


def due(state: State, policy: Policy, about: Incident, now: datetime) -> Iterator[tuple[str, Upkeep]]:
    """What must be maintained now that `about` was found false: places with the reason, each once a period.

    A device that alarmed falsely `false_repeats` times within `false_within`; a place with more false alarms in a day
    than `false_a_day` (GB 50440: more than 5 a day must be handled).
    """
    for alarm in {one.device: one for one in state.alarms_of(about)}.values():
        found = _repeated(state, of_device(alarm.device), now, policy.false_within, policy.false_repeats)
        if found is not None:
            yield alarm.place, _reason(found, alarm.device)
    for place in state.places_of(about):
        found = _repeated(state, of_place(place), now, timedelta(days=1), policy.false_a_day + 1)
        if found is not None:
            yield place, _reason(found, None)


def day(world: World, now: datetime) -> datetime | None:
    """When the policy's night, in which nobody is woken for maintenance, is over; None by day."""
    night, local = world.policy.night, world.local(now)
    if night.start == night.until or not night.covers(local.time()):
        return None
    ends = datetime.combine(local.date(), night.until, local.tzinfo)
    return now + (ends - local if ends > local else ends + timedelta(days=1) - local)


def told(state: State, policy: Policy, now: datetime) -> Iterator[dict[str, Any]]:
    """Each device and each place with false alarms within the policy's `false_within`, JSON-ready."""
    for key, marks in state.false_alarms.items():
        found = [one for one in marks if now - one.at < policy.false_within]
        if not found:
            continue
        noun, _, code = key.partition(" ")
        asked = state.maintained.get(key)
        yield {
            "noun": noun,
            "code": code,
            "count": len(found),
            "causes": _reason(found, None).causes,
            "first_at": instant.text(found[0].at),
            "last_at": instant.text(found[-1].at),
            "incidents": [one.incident for one in found],
            "maintenance_at": instant.text(asked) if asked is not None else None,
        }


def _repeated(state: State, key: str, now: datetime, within: timedelta, least: int) -> Sequence[FalseAlarm] | None:
    asked = state.maintained.get(key)
    if asked is not None and now - asked < within:
        return None
    found = [one for one in state.false_alarms.get(key, ()) if now - one.at < within]
    return found if len(found) >= least else None


def _reason(found: Sequence[FalseAlarm], device: str | None) -> Upkeep:
    causes = Counter(one.cause or "unknown" for one in found)
    return Upkeep(count=len(found), since=found[0].at, causes=dict(sorted(causes.items())), device=device)
