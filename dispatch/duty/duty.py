"""Duty checks (查岗): a station is asked whether somebody is there, and what follows when nobody says so."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

from devices import instant
from devices.model import DutyKind, Station, StationKind
from dispatch.choosing import standing
from dispatch.duty import outcall
from dispatch.duty.outcall import CallKind
from dispatch.facts.actor import Actor
from dispatch.facts.fact import Awaited, DutyCheckAnswered, DutyCheckMissed, DutyCheckSent
from dispatch.facts.order import UNANSWERED, OrderKind
from dispatch.facts.refused import Refused, Why
from dispatch.policy.plan import Case, resolve
from dispatch.state.state import Check, State, timer
from dispatch.turn import Turn
from dispatch.world import World

ROUND, EVERYWHERE = "duty_round", "all"
"""The timer at which scheduled checks are sent: one for the district, whose stations each have moments of their own."""
GRAIN_S = 60
"""Checks are scheduled to the minute, so that with many stations a round is one a minute."""
LONGEST_WAIT = timedelta(hours=1)
"""A round comes at least so often, for stations that are new."""


def send(turn: Turn, station: Station, reason: str, by: str | None = None) -> str | None:
    """The station is asked, by its screens and, where none is connected, by webhook; or why not."""
    if station.kind is StationKind.BRIGADE:
        return Refused(Why.BRIGADE_UNCHECKED, "a fire brigade is not checked")
    if (pending := open_at(turn.state, station.code)) is not None:
        until = pending.sent.answer_by
        said = f"{pending.id} has not been answered yet: wait until {until:%H:%M:%S} UTC"
        return Refused(Why.CHECK_WAITING, said, check=pending.id, at=instant.text(until))
    if not standing.of(turn.world, turn.state, station, turn.now).on_duty:
        return Refused(
            Why.STATION_OFF_DUTY,
            f"{station.code} is off duty: nobody is asked who need not be there",
            station=station.code,
        )
    check = turn.number("Q")
    answer_by = turn.now + turn.world.policy.check_within
    turn.add(DutyCheckSent(check=check, station=station.code, answer_by=answer_by, reason=reason, by=by))
    if turn.world.screens(f"station:{station.code}") == 0:
        for each in outcall.reach(turn, f"station:{station.code}"):
            outcall.plan(turn, CallKind.DUTY_CHECK, check, each)
    return None


def open_at(state: State, station: str) -> Check | None:
    """The station's check that waits for an answer."""
    post = state.posts.get(station)
    last = state.checks.get(post.check) if post is not None and post.check is not None else None
    return last if last is not None and last.state == "open" else None


def answer(turn: Turn, actor: Actor, check: Check, person: object, ref: str) -> str | None:
    """`person` of the station has answered, in time or late; or why that is no answer."""
    if check.answered_at is not None:
        return Refused(Why.CHECK_ANSWERED, f"{check.id} was answered already", check=check.id)
    station = check.sent.station
    known = {*turn.world.registry.rostered(station), *turn.world.registry.serving(station)}
    post = turn.state.posts[station]
    if post.watch is not None:
        known |= set(post.watch.people)
    if known and (not isinstance(person, str) or person not in known):
        return 'a person answers: {"person": "…"}, the code of somebody who serves at the station'
    turn.add(
        DutyCheckAnswered(
            check=check.id,
            station=station,
            via="answer",
            by=f"person:{person}" if known else actor.recipient,
            late=check.state == "missed",
            actor=actor.recipient,
            ref=ref,
        )
    )
    return None


def over(turn: Turn, id: str) -> None:
    """The time to answer has passed: who has pressed since, or is out at an incident, was there; else the station is
    demoted and its chief told (脱岗).
    """
    check = turn.state.checks.get(id)
    if check is None or check.state != "open":
        return
    station = check.sent.station
    present_at = turn.state.posts[station].present_at
    if present_at is not None and present_at >= check.sent_at:
        turn.add(DutyCheckAnswered(check=id, station=station, via="press"))
    elif _engaged(turn.state, station):
        turn.add(DutyCheckAnswered(check=id, station=station, via="engaged"))
    else:
        turn.add(DutyCheckMissed(check=id, station=station))
        for chief in chiefs(turn.world, turn.state, station, turn.now):
            outcall.plan(turn, CallKind.OFF_POST, id, f"person:{chief}")


def chiefs(world: World, state: State, station: str, now: datetime) -> list[str]:
    """Who answers for the post: its chiefs on duty, else the first of its chiefs, for nobody on duty has answered."""
    holders = world.registry.holders(DutyKind.CHIEF, station)
    known = world.registry.stations.get(station)
    on = set(standing.of(world, state, known, now).people) if known is not None else set()
    return [one for one in holders if one in on] or list(holders[:1])


def _engaged(state: State, station: str) -> bool:
    """True while the crew is out: somebody there has acknowledged an order to respond that is open."""
    mine = state.open_orders(f"station:{station}")
    return any(one.drafted.kind is OrderKind.RESPOND and one.state not in UNANSWERED for one in mine)


# ---- scheduled checks


def interval(world: World, now: datetime) -> timedelta:
    """How often each station is checked at `now`, by the policy's rules for hours and key periods; zero: only when
    somebody asks.
    """
    return resolve(world.policy, Case(), world.local(now)).policy.check_every


def begin(turn: Turn) -> None:
    """The first round is awaited."""
    if timer(ROUND, EVERYWHERE) not in turn.state.timers:
        every = interval(turn.world, turn.now)
        _await_next(turn, _moments(turn.world, every, turn.now) if every else {})


def make_round(turn: Turn, _everywhere: str) -> None:
    """Stations whose moment has come are asked, and the next round is awaited. What fell into a stop of the desk longer
    than the time to answer is left out: all at once would be no check.
    """
    every = interval(turn.world, turn.now)
    since = max(turn.state.timers[timer(ROUND, EVERYWHERE)], turn.now - turn.world.policy.check_within)
    moments = _moments(turn.world, every, since - timedelta.resolution) if every else {}
    for code in [code for code, at in moments.items() if at <= turn.now]:
        if not _engaged(turn.state, code):
            send(turn, turn.world.registry.stations[code], "scheduled")
        moments[code] = moment(code, every, turn.now)
    _await_next(turn, moments)


def _await_next(turn: Turn, moments: dict[str, datetime]) -> None:
    latest = turn.now + LONGEST_WAIT
    at = min(min(moments.values(), default=latest), latest) if turn.world.policy.checks_duty else None
    turn.add(Awaited(kind=ROUND, subject=EVERYWHERE, at=at))


def _moments(world: World, every: timedelta, after: datetime) -> dict[str, datetime]:
    """Each station's first moment after `after`: with ten thousand of them the desk has little time for each."""
    every_s, after_s = _seconds(every), after.timestamp()
    found = {code: _moment_s(code, every_s, after_s) for code in world.registry.stations}
    known = {at: datetime.fromtimestamp(at, UTC) for at in set(found.values())}
    return {code: known[at] for code, at in found.items()}


def moment(station: str, every: timedelta, after: datetime) -> datetime:
    """The station's first moment after `after`: one in each stretch of `every`, drawn from its code and the stretch, so
    that neither all are asked at once nor anybody knows when.
    """
    return datetime.fromtimestamp(_moment_s(station, _seconds(every), after.timestamp()), UTC)


def _moment_s(station: str, every_s: int, after_s: float) -> int:
    stretch = int(after_s // every_s)
    while True:
        drawn = crc32(f"{station} {stretch}".encode()) % every_s
        if (found := stretch * every_s + drawn // GRAIN_S * GRAIN_S) > after_s:
            return found
        stretch += 1


def _seconds(every: timedelta) -> int:
    return max(1, int(every.total_seconds()))
