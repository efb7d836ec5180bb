"""What the desk knows: alarms, incidents, orders and drills, by id. Changed by `dispatch.state.fold` alone."""

from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from devices.rule import ALARM
from dispatch.facts import fact
from dispatch.facts.alarm import LATCHING, AlarmEvent, AlarmKind, AlarmState, Held, advance
from dispatch.facts.fact import (
    CallingPlanned,
    CallPlanned,
    Candidate,
    DutyCheckSent,
    Grids,
    OrderDrafted,
    Upkeep,
    Warned,
)
from dispatch.facts.order import ENDED, OrderState
from dispatch.state.agenda import Agenda


def _at(joined: tuple[tuple[int, str], ...], entry: int) -> str | None:
    return next((incident for since, incident in reversed(joined) if since <= entry), None)


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of alarm at one device, from raised to cleared. `since`, `raised_ts` (the latest raise after a restore)
    and `restored_ts` are device times; `restored_at` is when the desk learned of the latest restore.
    `joined`: with which entry it came to which incident.

    `active_at`: since when it is on, None while it never was. `level`: `prealarm` or `alarm`, `grown` when it became
    graver by lasting. It waits for `held` until `held_until`; `gone`: its condition is gone, though it is still on.
    `samples`: device time and value, from which the haste of a rise is measured.
    """

    id: str
    device: str
    kind: AlarmKind
    place: str
    state: AlarmState
    since: datetime
    raised_at: datetime
    floor: int | None = None
    room: str | None = None
    column: str | None = None
    value: float | None = None
    drill: str | None = None
    flags: tuple[str, ...] = ()
    incident: str | None = None
    raised_ts: datetime | None = None
    restored_ts: datetime | None = None
    cleared_at: datetime | None = None
    shelved_until: datetime | None = None
    acknowledged_by: str | None = None
    grids: Grids | None = None
    restored_at: datetime | None = None
    level: str = ALARM
    latching: bool = False
    held: Held | None = None
    held_until: datetime | None = None
    gone: bool = False
    active_at: datetime | None = None
    grown: bool = False
    stale: bool = False
    escalated_from: str | None = None
    blackout: str | None = None
    samples: tuple[tuple[datetime, float], ...] = ()
    joined: tuple[tuple[int, str], ...] = ()

    @property
    def latches(self) -> bool:
        """True when only a person's reset ends it."""
        return self.latching or self.kind in LATCHING

    def after(self, event: AlarmEvent) -> AlarmState | None:
        """Its state after `event`; None when that changes nothing."""
        return advance(self.kind, self.state, event, latching=self.latching)

    def incident_at(self, entry: int | None) -> str | None:
        """The incident it belonged to when that entry had been decided; None: now."""
        return _at(self.joined, entry) if self.joined and entry is not None else self.incident


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an order's history. `done`: of a checklist, what is ticked off. `pressed_at`: when it was pressed, as
    the screen says, where it came later than that.
    """

    event: str
    at: datetime
    by: str | None = None
    done: tuple[str, ...] = ()
    pressed_at: datetime | None = None


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person of the ordered station's crew said last: `going`, `cannot` or `there`."""

    person: str
    answer: str
    at: datetime


class Photo(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture of an incident; the picture itself lies elsewhere. `digest`: its SHA-256 in hex."""

    id: str
    at: datetime
    by: str
    digest: str
    order: str | None = None
    note: str | None = None
    taken_at: datetime | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order and what happened to it. `frame` is the recipient's frame that first carried it; `decline_reason` a
    code; `arrive_at` when it is expected there, as last estimated by `arrive_method`. `joined`: with which entry it
    came to which incident, once it has been moved. `members`: of a station's order, what its people said, each once.
    """

    drafted: OrderDrafted
    state: OrderState
    drafted_at: datetime
    frame: int = 0
    history: tuple[Step, ...] = ()
    ended_at: datetime | None = None
    decline_reason: str | None = None
    arrive_at: datetime | None = None
    arrive_method: str | None = None
    joined: tuple[tuple[int, str], ...] = ()
    turn_out_by: datetime | None = None
    members: tuple[Member, ...] = ()

    def incident_at(self, entry: int | None) -> str | None:
        """The incident it belonged to when that entry had been decided; None: now."""
        return _at(self.joined, entry) if self.joined and entry is not None else self.drafted.incident

    @property
    def id(self) -> str:
        """The order's id."""
        return self.drafted.order

    @property
    def open(self) -> bool:
        """True while something is still expected of the recipient."""
        return self.state not in ENDED

    @property
    def done(self) -> tuple[str, ...]:
        """What of its checklist is ticked off."""
        return next((step.done for step in reversed(self.history) if step.event == "checklist"), ())

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The stations that were weighed for it."""
        return self.drafted.candidates


class Brigade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The report to the fire brigade: since when and why it is due, and who called 119 when."""

    due_since: datetime | None = None
    reason: str | None = None
    reported_at: datetime | None = None
    reported_by: str | None = None
    case_number: str | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms of one place (a fire: and of those beside it) within a window, or one opened by hand, with the orders it
    gave rise to. `place` is where it began.

    `confirmed_at`: first found to be a fire; `denied_at`: found to be none, and not confirmed since; `judged_at`: its
    latest verdict. `grids` and `category` are the place's when it was opened; `opened_by`: who opened it by hand,
    on which `floor` and in which `room` it is as they said.
    """

    id: str
    kind: str
    source: str
    severity: int
    place: str | None
    lon: float | None
    lat: float | None
    grid: str | None
    opened_at: datetime
    last_alarm_at: datetime
    drill: str | None = None
    case_number: str | None = None
    verification: str = "unverified"
    alarms: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    verdict: str | None = None
    cause: str | None = None
    outcome: dict[str, Any] | None = None
    closed_at: datetime | None = None
    grids: Grids | None = None
    category: str | None = None
    confirmed_at: datetime | None = None
    denied_at: datetime | None = None
    judged_at: datetime | None = None
    split_from: str | None = None
    merged_into: str | None = None
    upkeep: Upkeep | None = None
    calling: CallingPlanned | None = None
    people_wanted: int = 0
    stood_down: bool = False
    brigade: Brigade | None = None
    floor: int | None = None
    room: str | None = None
    photos: tuple[Photo, ...] = ()
    opened_by: str | None = None

    @property
    def open(self) -> bool:
        """True until it is closed by verdict and the end of its orders, or as merged into another."""
        return self.closed_at is None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An outgoing call and what came of it. `entry` is the ledger's that planned it."""

    planned: CallPlanned
    planned_at: datetime
    entry: int
    attempts: int = 0
    again_at: datetime | None = None
    outcome: str | None = None
    status: int | None = None
    reason: str | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The call's id."""
        return self.planned.call


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Who took a station over, and until when they count as its crew."""

    people: tuple[str, ...]
    since: datetime
    until: datetime
    by: str
    handed_by: str | None = None
    items: tuple[str, ...] = ()


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a station's watch: `check` is its last duty check, `answered_at` when one was last answered in
    time, `present_at` when somebody there last pressed anything.
    """

    watch: Watch | None = None
    check: str | None = None
    answered_at: datetime | None = None
    present_at: datetime | None = None
    demoted_since: datetime | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A duty check: `state` is `open`, `answered` or `missed`; a missed one may have been answered late."""

    sent: DutyCheckSent
    sent_at: datetime
    state: str = "open"
    answered_at: datetime | None = None
    answered_by: str | None = None
    via: str | None = None

    @property
    def id(self) -> str:
        """The check's id."""
        return self.sent.check


class FalseAlarm(msgspec.Struct, frozen=True, array_like=True):
    """An incident found false: when it was closed, and why it was."""

    at: datetime
    incident: str
    cause: str | None = None


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise with real parts: items of `devices` that name it are marked from first signal to last frame."""

    id: str
    scenario: str
    devices: tuple[str, ...]
    opened_at: datetime
    until: datetime
    closed_at: datetime | None = None


class Blackout(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which alarms of a `place`, `gateway` or `device` call nobody; with `fire` not even its fires."""

    id: str
    noun: str
    code: str
    start: datetime
    until: datetime
    by: str
    why: str
    fire: bool
    opened_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


class Pressed(msgspec.Struct, frozen=True, array_like=True):
    """A press by `ref` already counted: which order it was about, and when."""

    order: str
    at: datetime


def call_key(kind: str, subject: str, recipient: str | None) -> str:
    """Where the one outgoing call of this kind about `subject` to `recipient` is found."""
    return f"{kind} {subject} {recipient or ''}"


def slot(device: str, kind: AlarmKind, drill: str | None) -> str:
    """Where the one alarm of this kind at this device is found while it has not cleared."""
    return f"{device} {kind.value} {drill or ''}"


def hint(place: str, drill: str | None) -> str:
    """Where it is found which devices of a place may burn; an exercise's apart from the real."""
    return f"{place} {drill or ''}"


def shade(noun: str, code: str) -> str:
    """Where the blackouts of a `place`, `gateway` or `device` are found."""
    return f"{noun} {code}"


def timer(kind: str, subject: str) -> str:
    """Where the one timer of this kind about this subject is found."""
    return f"{kind} {subject}"


FLOOD = "flood"
"""What frames that sum up a flood are about."""

NOWHERE = ""
"""Among places: where an incident began at a point of the map."""


class State(msgspec.Struct, kw_only=True, dict=True):
    """Everything the ledger's facts add up to, but for what ended long ago (that is in the projections).

    `on` finds alarms that have not cleared by slot, `open_by` the ids of open orders by recipient, `open_at` those of
    open incidents by each place they involve (by NOWHERE where they began at no place), `ringing` the outgoing calls
    that have not ended, `called` each by `call_key`, `timers` when something is to be looked at again. `dark`: by
    `shade`, the blackouts that have not ended. `false_alarms`: the latest by device and by place; `maintained`: when
    somebody was last asked to put that right. `flips`: by slot, when its alarm lately came on; `hints`: by place (and
    drill), when each device there last said that it may burn. `told`: when the last frame about an order or incident
    was numbered; `untold`: since when one is owed; `shown`: when the latest frames about
    incidents were numbered. `engaged`: of each station with open `respond` orders the number of incidents they belong
    to, and of those that are no exercises. `policy`: the digest of the policy that was in force last.
    `rate`: alarms raised in each span of ten seconds (its first epoch second) of the last ten minutes, without
    exercises; `flood`: since when there are too many.
    """

    epoch: int = 1
    stream: str = ""
    imported: dict[str, datetime] = {}
    last_entry: int = 0
    last_digest: bytes = bytes(32)
    last_at: datetime | None = None
    counters: dict[str, int] = {}
    seqs: dict[str, int] = {}
    alarms: dict[str, Alarm] = {}
    on: dict[str, str] = {}
    incidents: dict[str, Incident] = {}
    orders: dict[str, Order] = {}
    open_by: dict[str, set[str]] = {}
    open_at: dict[str, set[str]] = {}
    false_alarms: dict[str, tuple[FalseAlarm, ...]] = {}
    maintained: dict[str, datetime] = {}
    drills: dict[str, Drill] = {}
    calls: dict[str, Call] = {}
    ringing: set[str] = set()
    called: dict[str, str] = {}
    posts: dict[str, Post] = {}
    checks: dict[str, Check] = {}
    refs: dict[str, Pressed] = {}
    signals: dict[str, datetime] = {}
    timers: dict[str, datetime] = {}
    blackouts: dict[str, Blackout] = {}
    dark: dict[str, tuple[str, ...]] = {}
    flips: dict[str, tuple[datetime, ...]] = {}
    hints: dict[str, dict[str, datetime]] = {}
    told: dict[str, datetime] = {}
    untold: dict[str, datetime] = {}
    shown: list[datetime] = []
    engaged: dict[str, tuple[int, int]] = {}
    policy: str = ""
    rate: dict[int, int] = {}
    flood: datetime | None = None

    @cached_property
    def agenda(self) -> Agenda:
        """The timers in the order they fall due."""
        return Agenda(self.timers)

    def alarm_of(self, device: str, kind: AlarmKind, drill: str | None) -> Alarm | None:
        """The alarm of this kind at this device that has not cleared; an exercise's apart from the real one."""
        found = self.on.get(slot(device, kind, drill))
        return self.alarms[found] if found is not None else None

    def alarms_of(self, incident: Incident) -> list[Alarm]:
        """The incident's alarms, oldest first."""
        return [self.alarms[id] for id in incident.alarms if id in self.alarms]

    def places_of(self, incident: Incident) -> list[str]:
        """Codes of the places the incident involves: where it began, then those of its alarms as they came."""
        began = [incident.place] if incident.place is not None else []
        return list(dict.fromkeys([*began, *(alarm.place for alarm in self.alarms_of(incident))]))

    def incidents_at(self, place: str) -> list[Incident]:
        """The open incidents that involve the place, by id."""
        return [self.incidents[id] for id in sorted(self.open_at.get(place, ()))]

    def orders_of(self, incident: Incident) -> list[Order]:
        """The incident's orders, oldest first."""
        return [self.orders[id] for id in incident.orders if id in self.orders]

    def calls_of(self, incident: Incident) -> list[Call]:
        """The incident's outgoing calls, oldest first."""
        return [self.calls[id] for id in incident.calls if id in self.calls]

    def open_orders(self, recipient: str | None = None) -> list[Order]:
        """Orders that have not ended, most urgent first."""
        recipients = self.open_by if recipient is None else (recipient,)
        found = [self.orders[id] for one in recipients for id in self.open_by.get(one, ())]
        return sorted(found, key=lambda order: (order.drafted.priority, order.drafted_at, order.id))

    def engagements(self, *, drills: bool) -> dict[str, int]:
        """Station code -> how many incidents it has an open `respond` order for, exercises counted if `drills`."""
        return {station: number for station, one in self.engaged.items() if (number := one[0 if drills else 1])}

    def engagement(self, station: str) -> int:
        """How many incidents the station has an open `respond` order for, exercises counted."""
        return self.engaged.get(station, (0, 0))[0]

    def watched(self) -> set[str]:
        """Devices with an alarm that has not cleared: every reading of theirs is a signal."""
        return {self.alarms[id].device for id in self.on.values()}


def incidents_of(state: State, one: fact.Fact, entry: int | None = None) -> tuple[str, ...]:
    """The incidents that the fact is about: two where alarms move from one to another. As of that entry, or as things
    stand.
    """
    about = incident_of(state, one, entry)
    if isinstance(one, fact.IncidentSplit | fact.IncidentMerged):
        return one.incident, one.into
    return (about,) if about is not None else ()


def incident_of(state: State, one: fact.Fact, entry: int | None = None) -> str | None:
    """The incident that the fact is about, if any; as of that entry, or as things stand."""
    match one:
        case (
            fact.AlarmRaised()
            | fact.AlarmChanged()
            | fact.AlarmAcknowledged()
            | fact.AlarmHeld()
            | fact.AlarmGraded()
            | fact.AlarmTracked()
            | fact.AlarmStale()
            | fact.AlarmBlackout()
        ):
            alarm = state.alarms.get(one.alarm)
            return alarm.incident_at(entry) if alarm is not None else None
        case fact.OrderChanged() | fact.EtaRevised() | fact.MemberAnswered():
            order = state.orders.get(one.order)
            return order.incident_at(entry) if order is not None else None
        case fact.CallTried() | fact.CallEnded():
            call = state.calls.get(one.call)
            return call.planned.incident if call is not None else None
        case (
            fact.DrillOpened()
            | fact.DrillClosed()
            | fact.BlackoutOpened()
            | fact.BlackoutEnded()
            | fact.Led()
            | fact.Imported()
            | fact.Awaited()
            | fact.PolicyInForce()
            | fact.FloodBegan()
            | fact.FloodEnded()
        ):
            return None
        case fact.HandedOver() | fact.DutyCheckSent() | fact.DutyCheckAnswered() | fact.DutyCheckMissed():
            return None
        case _:
            return one.incident
