"""Facts about blackouts, folded: a part of `dispatch.state.fold`, which alone calls it."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from dispatch.facts import fact
from dispatch.state import mark
from dispatch.state.state import Blackout, State, shade


def take(state: State, one: fact.BlackoutOpened | fact.BlackoutEnded, at: datetime) -> None:
    """The state has taken the fact in, which became true at `at`."""
    match one:
        case fact.BlackoutOpened():
            mark.count(state, one.blackout)
            state.blackouts[one.blackout] = Blackout(
                id=one.blackout,
                noun=one.noun,
                code=one.code,
                start=one.start,
                until=one.until,
                by=one.by,
                why=one.why,
                fire=one.fire,
                opened_at=at,
            )
            key = shade(one.noun, one.code)
            state.dark[key] = (*state.dark.get(key, ()), one.blackout)
            mark.wait(state, "blackout_over", one.blackout, one.until)
        case fact.BlackoutEnded():
            ended = replace(state.blackouts[one.blackout], ended_at=at, ended_by=one.by)
            state.blackouts[one.blackout] = ended
            key = shade(ended.noun, ended.code)
            left = tuple(id for id in state.dark.get(key, ()) if id != one.blackout)
            if left:
                state.dark[key] = left
            else:
                state.dark.pop(key, None)
            mark.wait(state, "blackout_over", one.blackout, None)
        case _:
            assert_never(one)


def forget(state: State, before: datetime) -> None:
    """Blackouts that ended before then are no longer held; the ledger keeps them."""
    for id in [id for id, one in state.blackouts.items() if one.ended_at is not None and one.ended_at < before]:
        del state.blackouts[id]
