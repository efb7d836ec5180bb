"""A station is handed over (交接班): who is on watch from now on, and what they were told. Refusals are sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devices.model import CODE, Station
from dispatch.facts.actor import Actor
from dispatch.facts.fact import HandedOver
from dispatch.facts.refused import Refused, Why
from dispatch.turn import Turn
from dispatch.world import World

MOST = 50
"""People, and items, of one handover."""


def hand_over(
    turn: Turn, actor: Actor, station: Station, request: Mapping[str, Any], ref: str, note: str | None
) -> str | None:
    """`people` of the request have taken the station over, from `handed_by` if anybody; or why not."""
    people, handed_by, items = request.get("people"), request.get("handed_by"), request.get("items", [])
    known = _known(turn.world, station)
    if not _codes(people) or not people:
        return f"people must be a list of 1 to {MOST} codes of the people who take over"
    if strangers := [one for one in people if one not in known]:
        said = f"{', '.join(strangers[:5])}: not on the roster of {station.code}, nor serving there"
        return Refused(Why.STRANGERS, said, people=strangers[:5], station=station.code)
    if handed_by is not None and handed_by not in turn.world.registry.people:
        return "handed_by must be the code of a registered person, or absent when a shift begins"
    if not _codes(items):
        return f"items must be a list of at most {MOST} codes, such as key or radio-1; put free text into note"
    turn.add(
        HandedOver(
            station=station.code,
            people=tuple(dict.fromkeys(people)),
            until=until(turn.world, station, turn.now),
            by=actor.recipient,
            handed_by=handed_by,
            items=tuple(items),
            note=note,
            ref=ref,
        )
    )
    return None


def until(world: World, station: Station, now: datetime) -> datetime:
    """How long those who take over now count as the crew: to the end of their shift, which is the coming one when it
    begins soon.
    """
    policy = world.policy
    changes = world.registry.changes(station.code, world.local(now))
    ahead = next((one for one in changes if one > policy.handover_ahead), policy.watch_at_most)
    return now + ahead


def _known(world: World, station: Station) -> set[str]:
    return {*world.registry.rostered(station.code), *world.registry.serving(station.code)}


def _codes(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) > MOST:
        return False
    return all(isinstance(one, str) and CODE.fullmatch(one) for one in value)
