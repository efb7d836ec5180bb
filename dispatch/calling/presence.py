"""Duty checks, and how a station stands, as the outside sees them: JSON-ready dicts."""

from datetime import datetime
from typing import Any

from devices import instant
from devices.model import Station
from dispatch.choosing import standing
from dispatch.state.state import Check, State
from dispatch.world import World


def check(one: Check) -> dict[str, Any]:
    """CHECK: a duty check and what has come of it."""
    return {
        "id": one.id,
        "station": one.sent.station,
        "state": one.state,
        "reason": one.sent.reason,
        "by": one.sent.by,
        "sent_at": instant.text(one.sent_at),
        "answer_by": instant.text(one.sent.answer_by),
        "answered_at": instant.text(one.answered_at) if one.answered_at is not None else None,
        "answered_by": one.answered_by,
        "via": one.via,
    }


def watch(world: World, state: State, station: Station, now: datetime) -> dict[str, Any]:
    """WATCH: how a station stands now, who is on, and what its duty checks said."""
    stands, post = standing.of(world, state, station, now), state.posts.get(station.code, standing.NOTHING_KNOWN)
    taken = post.watch if post.watch is not None and now < post.watch.until else None
    last = state.checks.get(post.check) if post.check is not None else None
    return {
        "on_duty": stands.on_duty,
        "crew_available": stands.crew,
        "people": list(stands.people),
        "taken_over": None
        if taken is None
        else {
            "since": instant.text(taken.since),
            "until": instant.text(taken.until),
            "handed_by": taken.handed_by,
            "items": list(taken.items),
        },
        "next_shift": _next_shift(world, station, now),
        "last_check": check(last) if last is not None else None,
        "demoted": stands.demoted,
        "covered": standing.covered(world, state, station, now),
    }


def _next_shift(world: World, station: Station, now: datetime) -> dict[str, Any] | None:
    local = world.local(now)
    changes = world.registry.changes(station.code, local)
    if not changes:
        return None
    people = world.registry.on_shift(station.code, local + changes[0])
    return {"at": instant.text(now + changes[0]), "people": list(people or ())}
