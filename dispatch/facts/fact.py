"""Facts: what an entry of the ledger says has happened. State is a fold over them and nothing else.

Facts hold codes of persons, never names, phones or free text; a note is named by its salted digest (DESIGN decision 6).
"""

from datetime import datetime
from typing import Any

import msgspec

from devices.rule import ALARM
from dispatch.facts.alarm import AlarmKind, AlarmState, Held
from dispatch.facts.order import OrderEvent, OrderKind, OrderState


class _Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="fact"):
    """Base of all facts: encoded as an object with its name under `fact`."""


class Grids(msgspec.Struct, frozen=True, array_like=True):
    """The codes of the grids something lies in, at the time of the fact: the registry may change later."""

    small: str | None = None
    middle: str | None = None
    large: str | None = None


class AlarmRaised(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_raised"):
    """A new alarm is on, or with `held` pending, at the latest until `until`. `value` in the unit of `column`.

    `level`: `prealarm` or `alarm`. `latching` beside the kinds that always do. `escalated_from`: the alarm that lasted
    so long that this one was raised. `grids` of its place, absent from old ledgers.
    """

    alarm: str
    device: str
    kind: AlarmKind
    place: str
    since: datetime
    floor: int | None = None
    room: str | None = None
    column: str | None = None
    value: float | None = None
    drill: str | None = None
    flags: tuple[str, ...] = ()
    grids: Grids | None = None
    level: str = ALARM
    latching: bool = False
    held: Held | None = None
    until: datetime | None = None
    escalated_from: str | None = None


class AlarmChanged(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_changed"):
    """An alarm moved to `state`, and waits for nothing any more. `until` is the end of a shelving.

    `reason`, where no signal or person says it: `delay` it lasted long enough, `confirmed` by a second detector,
    `alone` nobody confirmed it in time, `off_delay` it was gone long enough, `calm` it chatters no more, `silent`
    nothing was heard of a rise any more.
    """

    alarm: str
    state: AlarmState
    ts: datetime | None = None
    value: float | None = None
    by: str | None = None
    until: datetime | None = None
    reason: str | None = None


class AlarmHeld(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_held"):
    """The alarm stays as it is for `held`, at the latest until `until`; without, it waits for nothing any more.

    `gone`: its condition is gone at this moment. `ts`: when the device said so.
    """

    alarm: str
    held: Held | None = None
    until: datetime | None = None
    gone: bool = False
    ts: datetime | None = None


class AlarmGraded(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_graded"):
    """The alarm is now a `prealarm` or an `alarm`, by its value or by how long it has lasted (`reason`: `duration`)."""

    alarm: str
    level: str
    reason: str = "value"
    column: str | None = None
    value: float | None = None


class AlarmTracked(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_tracked"):
    """A value that haste is measured from, at the device's `ts`; a pending alarm that hears no more ends at `until`."""

    alarm: str
    ts: datetime
    value: float
    until: datetime | None = None


class AlarmStale(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_stale"):
    """The alarm has been on for more than a day (ISA-18.2)."""

    alarm: str


class AlarmBlackout(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_blackout"):
    """The alarm calls nobody while this blackout lasts; without one, it calls as usual.

    `again`: also where its incident was stood down while it was only shown.
    """

    alarm: str
    blackout: str | None = None
    again: bool = False


class BlackoutOpened(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="blackout_opened"):
    """From `start` until `until` alarms of the `noun` (`place`, `gateway`, `device`) with this code call nobody.

    `fire`: nor do its fires and manual calls. `why` is a code, such as `maintenance` or `test`.
    """

    blackout: str
    noun: str
    code: str
    start: datetime
    until: datetime
    by: str
    why: str
    fire: bool = False
    note: str | None = None


class BlackoutEnded(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="blackout_ended"):
    """Alarms call as usual: its time is over (`by`: `clock`), or a person ended it."""

    blackout: str
    by: str


class AlarmAcknowledged(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_acknowledged"):
    """A person has seen the alarm; its state is unchanged."""

    alarm: str
    by: str


class Upkeep(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why maintenance is asked for: `count` false alarms of a device, or of a place (no `device`), since `since`, by
    cause.
    """

    count: int
    since: datetime
    causes: dict[str, int]
    device: str | None = None


class IncidentOpened(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="incident_opened"):
    """A new incident at a place, or at a point where no place is registered. `severity` 1 to 4, 4 the gravest.

    `category` is the place's; it and `grids` are absent from old ledgers. `floor` and `room` (a number or a code) are
    what a person said who opened it.
    """

    incident: str
    kind: str
    source: str
    severity: int
    place: str | None
    lon: float | None
    lat: float | None
    grid: str | None
    drill: str | None = None
    by: str | None = None
    case_number: str | None = None
    note: str | None = None
    grids: Grids | None = None
    category: str | None = None
    upkeep: Upkeep | None = None
    ref: str | None = None
    floor: int | None = None
    room: str | None = None


class AlarmJoined(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm_joined"):
    """The alarm belongs to the incident, whose severity is now `severity`. `further`: it is the first at its place.

    `quiet`: it is blacked out, so that who was stood down stays so.
    """

    incident: str
    alarm: str
    severity: int
    further: bool = False
    quiet: bool = False


class IncidentSplit(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="incident_split"):
    """A person said that these alarms are another matter: they belong to `into`, opened for them. `severity` is that
    of `into`, `left_severity` that of `incident` without them.
    """

    incident: str
    into: str
    alarms: tuple[str, ...]
    severity: int
    left_severity: int
    by: str
    note: str | None = None


class IncidentMerged(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="incident_merged"):
    """A person said that `incident` is `into`: its alarms and these orders belong there now, and it is closed."""

    incident: str
    into: str
    alarms: tuple[str, ...]
    orders: tuple[str, ...]
    severity: int
    by: str
    note: str | None = None


class IncidentVerified(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="incident_verified"):
    """Somebody on the spot said what it is: `confirmed` or `false`. `unjudged`: a verdict that it is no fire was given
    before and counts no more.
    """

    incident: str
    verification: str
    severity: int
    by: str
    unjudged: bool = False


class Warned(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="warned"):
    """Command is told that something about the incident needs a person: `no_screen`, `nobody_left`, `no_leader`, …"""

    incident: str
    code: str
    order: str | None = None
    recipient: str | None = None


class StrengthRaised(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="strength_raised"):
    """`people` in all are wanted at the incident from now on, because `by` asked for it (`reason`: a code)."""

    incident: str
    people: int
    by: str
    reason: str = "help_requested"


class PlannedTier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tier as it stands. `state`: `satisfied`, `waiting` (its next station is called at `call_at`), `short` (too few
    can come), `empty` (it wants nobody here), `over` (nobody more is called). `own`: it is the unit's own station's.
    """

    name: str
    means: str
    milestone_at: datetime
    strength: int
    state: str
    call: str = "at_once"
    call_at: datetime | None = None
    own: bool = False


class CallingPlanned(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="calling_planned"):
    """What the policy wants for the incident from now on: `rules` that apply, tiers, and when it is looked at again.

    `unverified_until`: when the fire brigade is reported to if nobody has verified it.
    """

    incident: str
    rules: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    tiers: tuple[PlannedTier, ...] = ()
    unverified_until: datetime | None = None
    look_at: datetime | None = None


class BrigadeDue(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="brigade_due"):
    """The fire brigade is to be told by 119, because of `reason`: `confirmed`, `unverified` or `severity`."""

    incident: str
    reason: str


class BrigadeReported(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="brigade_reported"):
    """`by` has called 119. `case_number` is the brigade's, `note` a digest."""

    incident: str
    by: str
    case_number: str | None = None
    note: str | None = None


class StoodDown(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="stood_down"):
    """A person has stood everybody down: nobody more is called, but whom a person asks for or a new alarm does.

    `note`: the digest of why, as they said it.
    """

    incident: str
    by: str
    note: str | None = None


class PolicyInForce(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="policy_in_force"):
    """From here on the desk decides by this policy; `digest` is the SHA-256 of its file."""

    name: str
    digest: str


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A station that was weighed. `verdict`: `free`, `at_capacity`, `off_duty`, `already_called`,
    `unreachable`, `reported_to` (a brigade is never ordered). `crew`: people who could go; `demoted`: it missed its
    duty check.
    """

    station: str
    verdict: str
    eta_s: int | None = None
    method: str | None = None
    crew: int | None = None
    demoted: bool = False


class OrderDrafted(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="order_drafted"):
    """A new order. `reason` says why this recipient; `candidates` are the first of the stations
    weighed, and the one taken; `weighed` how many there were.

    `tier` is the policy's that it was called for, `rules` the policy's rules that applied, `crew` how many people come.
    Where a person asked for this recipient, `by` is who, and `note` the digest of why.
    """

    order: str
    incident: str
    recipient: str
    kind: OrderKind
    priority: int
    reason: str
    acknowledge_by: datetime
    turn_out_by: datetime | None = None
    arrive_by: datetime | None = None
    support_by: datetime | None = None
    eta_s: int | None = None
    eta_method: str | None = None
    late: bool = False
    drill: str | None = None
    deliver_by: datetime | None = None
    candidates: tuple[Candidate, ...] = ()
    weighed: int | None = None
    tier: str | None = None
    rules: tuple[str, ...] = ()
    crew: int | None = None
    by: str | None = None
    note: str | None = None


class OrderChanged(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="order_changed"):
    """`event` happened to an order, now in `state`. `ref` is the press's, `skipped` the steps nobody pressed,
    `done` what of its checklist is ticked off.

    `turn_out_by`: a crew that has acknowledged and not left by then lapses. `pressed_at`: when the screen says that it
    was pressed, where the press came later than that; what counts is when it came.
    """

    order: str
    event: OrderEvent
    state: OrderState
    by: str | None = None
    ref: str | None = None
    actor: str | None = None
    note: str | None = None
    value: dict[str, Any] | None = None
    reason: str | None = None
    skipped: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    turn_out_by: datetime | None = None
    pressed_at: datetime | None = None


class MemberAnswered(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="member_answered"):
    """`person`, of the crew of the station that the order is for, is `going`, `cannot` or is `there`; `by` says so.

    The order's state is the station's and does not change. `pressed_at` as of an order's change.
    """

    order: str
    person: str
    answer: str
    by: str
    ref: str | None = None
    pressed_at: datetime | None = None


class PhotoTaken(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="photo_taken"):
    """`by` has handed in a picture of the incident, for an order or without one. The picture lies beside the ledger,
    for a time; `digest` is its SHA-256 in hex, `note` the digest of what was said with it, `taken_at` when, as
    the phone says.
    """

    photo: str
    incident: str
    by: str
    digest: str
    order: str | None = None
    note: str | None = None
    taken_at: datetime | None = None


class CallPlanned(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="call_planned"):
    """`recipient` is to be called by webhook about `subject` (an order, an incident or a duty check), for the reason
    that `kind` is: `fallback`, `brigade` (whose recipient is none of ours), `duty_check`, `off_post`.
    """

    call: str
    kind: str
    subject: str
    recipient: str | None = None
    incident: str | None = None
    drill: str | None = None


class CallTried(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="call_tried"):
    """The call's attempt number `attempt` failed: `status` is HTTP's, else `reason` says why there is none."""

    call: str
    attempt: int
    again_at: datetime
    status: int | None = None
    reason: str | None = None


class CallEnded(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="call_ended"):
    """`outcome`: `delivered` (the webhook took it), `failed` after `attempts`, or `not_needed` any more."""

    call: str
    outcome: str
    attempts: int = 0
    status: int | None = None
    reason: str | None = None


class EtaRevised(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="eta_revised"):
    """The crew is expected at `arrive_at`, as it told itself (`reported`) or as reckoned (`roads`, `line`)."""

    order: str
    arrive_at: datetime
    method: str
    by: str


class HandedOver(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="handed_over"):
    """`people` (codes) have taken the station over (交接班) and count as its crew until `until`, or the next handover.
    `handed_by` is who handed over, none when a shift begins; `items` what was handed over, by codes; `note` a digest.
    """

    station: str
    people: tuple[str, ...]
    until: datetime
    by: str
    handed_by: str | None = None
    items: tuple[str, ...] = ()
    note: str | None = None
    ref: str | None = None


class DutyCheckSent(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="duty_check_sent"):
    """The station is asked whether somebody is there (查岗). `reason`: `scheduled`, or `asked` by `by`."""

    check: str
    station: str
    answer_by: datetime
    reason: str
    by: str | None = None


class DutyCheckAnswered(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="duty_check_answered"):
    """Somebody is there. `via`: `answer`, a `press` on an order since it was sent, or `engaged`: the crew is out at an
    incident. `late`: it was missed before, and stays so.
    """

    check: str
    station: str
    via: str
    by: str | None = None
    late: bool = False
    actor: str | None = None
    ref: str | None = None


class DutyCheckMissed(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="duty_check_missed"):
    """Nobody answered in time: the station is demoted until somebody there answers or presses."""

    check: str
    station: str


class VerdictGiven(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="verdict_given"):
    """What it was: `real`, `false`, `test` or `unfounded`, with a cause's code and figures of the outcome."""

    incident: str
    verdict: str
    by: str
    cause: str | None = None
    outcome: dict[str, Any] | None = None
    note: str | None = None
    ref: str | None = None


class OutcomeReported(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="outcome_reported"):
    """The report of a real fire says this too: members of its outcome, its cause."""

    incident: str
    by: str
    outcome: dict[str, Any] | None = None
    cause: str | None = None
    note: str | None = None


class IncidentClosed(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="incident_closed"):
    """It has a verdict and all its orders have ended."""

    incident: str


class DrillOpened(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="drill_opened"):
    """From now until `until`, items of these devices that name this drill are exercise."""

    drill: str
    scenario: str
    devices: tuple[str, ...]
    until: datetime
    by: str


class DrillClosed(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="drill_closed"):
    """Items that name it are real from here on."""

    drill: str
    by: str


class FloodBegan(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="flood_began"):
    """So many alarms were raised lately that so many command screens (at least one) are not enough for them."""

    alarms: int
    operators: int


class FloodEnded(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="flood_ended"):
    """So few alarms were raised lately that so many command screens are enough again."""

    alarms: int
    operators: int


class Led(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="led"):
    """Another desk leads from here on, in a newer epoch, and numbers its frames anew in the sequence `stream`.

    `host` names where it runs. `after`: the sequence of the desk that led before; `reason` why it leads no more.
    """

    epoch: int
    stream: str
    host: str
    after: str = ""
    reason: str = "silent"


class Imported(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="imported"):
    """What a desk decided after it had been followed by another, and nobody else had heard: a record, without effect.

    `entry`, `kind` and `at` are that entry's, `body` its bytes as text, `digest` (hex) that of its chain.
    """

    stream: str
    entry: int
    kind: str
    at: datetime
    digest: str
    body: str


class Awaited(_Fact, frozen=True, kw_only=True, omit_defaults=True, tag="awaited"):
    """The desk looks at `subject` again for `kind` (a timer of `dispatch.escalation`) at `at`; no more without one."""

    kind: str
    subject: str
    at: datetime | None = None


Fact = (
    AlarmRaised
    | AlarmChanged
    | AlarmHeld
    | AlarmGraded
    | AlarmTracked
    | AlarmStale
    | AlarmBlackout
    | BlackoutOpened
    | BlackoutEnded
    | AlarmAcknowledged
    | IncidentOpened
    | AlarmJoined
    | IncidentSplit
    | IncidentMerged
    | IncidentVerified
    | Warned
    | OrderDrafted
    | OrderChanged
    | MemberAnswered
    | PhotoTaken
    | CallPlanned
    | CallTried
    | CallEnded
    | EtaRevised
    | HandedOver
    | DutyCheckSent
    | DutyCheckAnswered
    | DutyCheckMissed
    | VerdictGiven
    | OutcomeReported
    | IncidentClosed
    | DrillOpened
    | DrillClosed
    | FloodBegan
    | FloodEnded
    | Led
    | Imported
    | Awaited
    | StrengthRaised
    | CallingPlanned
    | BrigadeDue
    | BrigadeReported
    | StoodDown
    | PolicyInForce
)
