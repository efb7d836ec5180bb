"""Blackouts for maintenance and tests: asked for by a person, ended by a person or the clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from devices.model import CODE
from dispatch.alarms import blackout, sensing
from dispatch.facts.actor import Actor
from dispatch.facts.fact import AlarmBlackout, BlackoutEnded, BlackoutOpened
from dispatch.facts.refused import Refused, Why
from dispatch.state.state import Blackout
from dispatch.turn import Turn

NOUNS = {"place": "places", "gateway": "gateways", "device": "devices"}
"""What can be blacked out, and where the registry has it."""
OPEN_AT_MOST = 1000
AHEAD = timedelta(days=90)
"""So long before its start a blackout may be entered: our assumption."""


def begin(turn: Turn, actor: Actor, request: Mapping[str, Any], note: str | None) -> str | None:
    """The blackout is entered, on from its start; or why not (`note`: a digest). `request` has `noun` (of NOUNS),
    `code`, `why`, `start` (None: now) and `until` as times, and `fire`.
    """
    noun, code, why = request["noun"], request["code"], request["why"]
    start, until, fire = max(request["start"] or turn.now, turn.now), request["until"], request["fire"]
    refused = _about(turn, noun, code, why) or _span(turn, start, until, fire=fire)
    if refused is not None:
        return refused
    if sum(one.ended_at is None for one in turn.state.blackouts.values()) >= OPEN_AT_MOST:
        return Refused(
            Why.BLACKOUTS_FULL,
            f"there are {OPEN_AT_MOST} blackouts that have not ended: end some first",
            most=OPEN_AT_MOST,
        )
    turn.add(
        BlackoutOpened(
            blackout=turn.number("B"),
            noun=noun,
            code=code,
            start=start,
            until=until,
            by=actor.recipient,
            why=why,
            fire=fire,
            note=note,
        )
    )
    return None


def _about(turn: Turn, noun: str, code: str, why: str) -> str | None:
    if noun not in NOUNS:
        return f"give one of {', '.join(NOUNS)}"
    if code not in getattr(turn.world.registry, NOUNS[noun]):
        return Refused(
            Why.NOT_REGISTERED, f"no {noun} {code[:64]!r}: name a registered one", noun=noun, named=code[:64]
        )
    if CODE.fullmatch(why) is None:
        return "why must be a code, such as maintenance, test, cleaning or works; put free text into note"
    return None


def _span(turn: Turn, start: datetime, until: datetime, *, fire: bool) -> str | None:
    if until <= start:
        return Refused(Why.UNTIL_PAST, "until must be in the future, and after from")
    if start - turn.now > AHEAD:
        return Refused(Why.FROM_FAR, f"from must be within {AHEAD.days} days", days=AHEAD.days)
    policy = turn.world.policy
    longest = policy.blackout_fire_at_most if fire else policy.blackout_at_most
    if until - start > longest:
        also = "a blackout of fires" if fire else "a blackout"
        hours = longest / timedelta(hours=1)
        said = f"{also} lasts at most {hours:.0f} hours: make until earlier"
        return Refused(Why.BLACKOUT_LONG, said, hours=hours)
    return None


def end(turn: Turn, by: str, one: Blackout) -> str | None:
    """The blackout is over, and what is still on calls as usual, unless another one covers it; or why not."""
    if one.ended_at is not None:
        return Refused(Why.BLACKOUT_ENDED, "the blackout has ended")
    turn.add(BlackoutEnded(blackout=one.id, by=by))
    for id in list(turn.state.on.values()):
        found = turn.state.alarms[id]
        if found.blackout != one.id:
            continue
        other = blackout.over(turn, found)
        turn.add(AlarmBlackout(alarm=id, blackout=other))
        if other is None:
            sensing.hear(turn, turn.state.alarms[id])
    return None


def end_overdue(turn: Turn, id: str) -> None:
    """The blackout is over, if its time is up."""
    one = turn.state.blackouts.get(id)
    if one is not None and one.until <= turn.now:
        end(turn, "clock", one)
