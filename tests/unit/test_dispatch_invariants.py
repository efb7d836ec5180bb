"""Whatever devices, people, clocks and crashes do, in any order: what must always be true of the desk's decisions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import districts
import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from stories import Story

from devices.model import StationKind
from dispatch import escalation
from dispatch.alarms import joining, maintenance, sensing
from dispatch.calling import crew
from dispatch.choosing import standing
from dispatch.duty import duty, outcall
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import FIRE_LIKE, AlarmKind, AlarmState, Held
from dispatch.facts.fact import OrderChanged, OrderDrafted
from dispatch.facts.kind import LIKE_FIRE, MAINTENANCE, REAL
from dispatch.facts.order import (
    ACTIONS,
    NOT_YET_THERE,
    UNANSWERED,
    UNDELIVERED,
    OrderEvent,
    OrderKind,
    OrderState,
    advance,
)
from dispatch.policy.policy import Policy
from dispatch.policy.policy_file import shipped
from dispatch.presses import handover, pressing
from dispatch.state import finding, fold, incident, upkeep
from dispatch.state.state import FLOOD, NOWHERE, Incident, Order, State, slot, timer
from dispatch.turn import Turn
from dispatch.world import Webhooks

REGISTRY = replace(districts.ruled(), duties=districts.peopled().duties, people=districts.peopled().people)
EVENING = datetime(2026, 11, 21, 19, 50, tzinfo=UTC)  # ST-2's shift ends at eight
COMMAND = Actor("command", "command:main")
CHOSEN = {
    "soonest",
    "strength",
    "support",
    "unchecked",
    "not_acknowledged",
    "not_turned_out",
    "declined",
    "help_requested",
}
"""Reasons for which only a station below its capacity is taken."""

WEBHOOKS = Webhooks("http://sms.example/", "http://brigade.example/")
POLICY = replace(shipped(), check_every=timedelta(hours=2))

detectors = st.sampled_from(["S-1", "S-2", "S-3", "S-4", "S-9", "U-1"])
instants = st.integers(-90, 0)
picks = st.integers(0, 50)


class Watched(Story):
    """A story that is looked at after every entry."""

    look: Callable[[], None]

    def turn(self, decide: Callable[[Turn], Any], **cause: Any) -> Any:
        answer = super().turn(decide, **cause)
        self.look()
        return answer


class Desk(RuleBasedStateMachine):
    """Random causes against the deciding half of the desk; a model of frames and orders is kept beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Watched(REGISTRY, now=EVENING, webhooks=WEBHOOKS, policy=POLICY)
        self.story.look = self._read
        self.kept = msgspec.msgpack.encode(State())
        self.seqs: dict[str, int] = {}
        self.states: dict[str, OrderState] = {}
        self.read = 0
        self.refs = 0
        self.merged_into: set[str] = set()

    # ---- what happens

    @rule(device=detectors, event=st.sampled_from(["fire", "manual_call"]), ago=instants, play=st.booleans())
    def fire(self, device: str, event: str, ago: int, *, play: bool) -> None:
        drill = next(reversed(self.story.state.drills), None) if play else None
        self.story.event(event, device, ts=self.story.now + timedelta(seconds=ago), drill=drill)
        self._somebody_comes(device, event, drill)

    @rule(
        device=detectors,
        event=st.sampled_from(["fire_restore", "prealarm", "fault", "fault_restore", "test"]),
        ago=instants,
    )
    def other_event(self, device: str, event: str, ago: int) -> None:
        self.story.event(event, device, ts=self.story.now + timedelta(seconds=ago))

    @rule(
        device=st.sampled_from(["E-1", "E-3"]),
        residual=st.sampled_from([0.0, 180.0, 299.0, 300.0, 900.0]),
        ago=instants,
    )
    def electrical_reading(self, device: str, residual: float, ago: int) -> None:
        self.story.reading(device, self.story.now + timedelta(seconds=ago), residual_ma=residual)

    @rule(device=st.sampled_from(["S-1", "S-2", "S-4"]), smoke=st.sampled_from([0.0, 0.15, 2.0]), ago=instants)
    def smoke_reading(self, device: str, smoke: float, ago: int) -> None:
        self.story.reading(device, self.story.now + timedelta(seconds=ago), smoke_db_m=smoke)

    @rule(device=st.sampled_from(["S-1", "S-2"]), heat=st.sampled_from([20.0, 41.0, 50.0, 60.0]), ago=instants)
    def heat_reading(self, device: str, heat: float, ago: int) -> None:
        self.story.reading(device, self.story.now + timedelta(seconds=ago), temperature_c=heat)

    @rule(pick=picks, action=st.sampled_from(sorted(ACTIONS)))
    def press(self, pick: int, action: str) -> None:
        if (one := self._any(list(self.story.state.orders.values()), pick)) is not None:
            self._press(one, action)

    @rule(pick=picks)
    def acknowledge(self, pick: int) -> None:
        if (one := self._any(self.story.state.open_orders(), pick)) is not None:
            self._press(one, "acknowledge")

    @rule(pick=picks, word=st.sampled_from(["report_false", "report_false", "confirm_fire", "report_brigade"]))
    def say_what_it_is(self, pick: int, word: str) -> None:
        asked = [one for one in self.story.state.open_orders() if one.drafted.kind is OrderKind.VERIFY]
        if (one := self._any(asked, pick)) is not None:
            self._press(one, word)

    @rule(pick=picks)
    def decline(self, pick: int) -> None:
        if (one := self._any(self.story.state.open_orders(), pick)) is not None:
            self._press(one, "decline")

    @rule(pick=picks)
    def come_back(self, pick: int) -> None:
        if (one := self._any(self.story.state.open_orders(), pick)) is not None:
            self._press(one, "control")
            self._press(self.story.state.orders[one.id], "close")

    @rule(pick=picks, event=st.sampled_from([OrderEvent.SEND, OrderEvent.DELIVER]))
    def screen(self, pick: int, event: OrderEvent) -> None:
        one = self._any(list(self.story.state.orders.values()), pick)
        if one is not None and advance(one.drafted.kind, one.state, event) is not None:
            self.story.turn(lambda turn: turn.change(one, event))

    @rule(pick=picks, verdict=st.sampled_from(pressing.VERDICTS))
    def verdict(self, pick: int, verdict: str) -> None:
        self._about(pick, lambda turn, one: pressing.give_verdict(turn, COMMAND, one, {"verdict": verdict}, None))

    @rule(pick=picks, chosen=st.sets(picks, min_size=1, max_size=3))
    def split(self, pick: int, chosen: set[int]) -> None:
        if (one := self._any(list(self.story.state.incidents.values()), pick)) is not None and one.alarms:
            alarms = [one.alarms[each % len(one.alarms)] for each in sorted(chosen)]
            self.story.turn(lambda turn: joining.split(turn, COMMAND, one, alarms, None))

    @rule(pick=picks, other=picks)
    def merge(self, pick: int, other: int) -> None:
        if (into := self._any(list(self.story.state.incidents.values()), other)) is not None:
            self.merged_into.add(into.id)
            self._about(pick, lambda turn, one: joining.merge(turn, COMMAND, one, into, None))

    @rule(pick=picks, name=st.sampled_from([*finding.REPORT, "ladders"]), value=st.integers(-1, 9) | st.just("station"))
    def outcome(self, pick: int, name: str, value: int | str) -> None:
        request = {"outcome": {name: value}}
        self._about(pick, lambda turn, one: pressing.report_outcome(turn, COMMAND, one, request, None))

    @rule(pick=picks)
    def stand_down(self, pick: int) -> None:
        self._about(pick, lambda turn, one: pressing.stand_down(turn, COMMAND, one))

    @rule(pick=picks, recipient=st.sampled_from(["station:ST-1", "station:ST-2", "station:BR-1", "person:W-1"]))
    def call(self, pick: int, recipient: str) -> None:
        self._about(pick, lambda turn, one: pressing.call(turn, COMMAND, one, recipient))

    @rule(place=st.sampled_from(["P-1", "P-2", "P-3"]), kind=st.sampled_from(pressing.KINDS))
    def report(self, place: str, kind: str) -> None:
        request = {"kind": kind, "source": "119", "place": place}
        self.story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))

    @rule(pick=picks, action=st.sampled_from(["acknowledge", "shelve", "reset"]), seconds=st.integers(1, 600))
    def handle_alarm(self, pick: int, action: str, seconds: int) -> None:
        if (one := self._any(list(self.story.state.alarms.values()), pick)) is not None:
            until = self.story.now + timedelta(seconds=seconds)
            self.story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, one, action, until))

    @rule(
        what=st.sampled_from([("place", "P-1"), ("gateway", "GW-1"), ("device", "S-1"), ("device", "E-1")]),
        ahead=st.sampled_from([0, 30]),
        seconds=st.sampled_from([60, 1000]),
        fire=st.booleans(),
    )
    def black_out(self, what: tuple[str, str], ahead: int, seconds: int, *, fire: bool) -> None:
        start = self.story.now + timedelta(seconds=ahead)
        request = {"noun": what[0], "code": what[1], "why": "works", "start": start, "fire": fire}
        request["until"] = start + timedelta(seconds=seconds)
        assert self.story.turn(lambda turn: maintenance.begin(turn, COMMAND, request, None)) is None

    @precondition(lambda self: self.story.state.dark)
    @rule(pick=picks)
    def end_blackout(self, pick: int) -> None:
        if (one := self._any(list(self.story.state.blackouts.values()), pick)) is not None:
            self.story.turn(lambda turn: maintenance.end(turn, "command:main", one))

    @rule(devices=st.lists(st.sampled_from(["S-1", "S-4"]), min_size=1, unique=True))
    def open_drill(self, devices: list[str]) -> None:
        request = {"scenario": "kitchen-fire", "devices": devices, "minutes": 5}
        self.story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))

    @precondition(lambda self: self.story.state.drills)
    @rule(pick=picks)
    def close_drill(self, pick: int) -> None:
        if (one := self._any(list(self.story.state.drills.values()), pick)) is not None:
            self.story.turn(lambda turn: pressing.close_drill(turn, "command:main", one))

    @rule(code=st.sampled_from(sorted(REGISTRY.stations)))
    def check_duty(self, code: str) -> None:
        self.story.turn(lambda turn: duty.send(turn, REGISTRY.stations[code], "asked", "command:main"))

    @rule(pick=picks, person=st.sampled_from(["W-1", "L-3"]))
    def answer_check(self, pick: int, person: str) -> None:
        if (one := self._any(list(self.story.state.checks.values()), pick)) is not None:
            self.refs += 1
            actor = Actor("station", f"station:{one.sent.station}")
            self.story.turn(lambda turn: duty.answer(turn, actor, one, person, f"ref-{self.refs}"))

    @rule(code=st.sampled_from(["ST-1", "ST-2"]), person=st.sampled_from(["W-1", "L-3"]), mine=st.booleans())
    def hand_over(self, code: str, person: str, *, mine: bool) -> None:
        self.refs += 1
        actor = Actor("station", f"station:{code}") if mine else COMMAND
        station, request = REGISTRY.stations[code], {"people": [person]}
        self.story.turn(lambda turn: handover.hand_over(turn, actor, station, request, f"ref-{self.refs}", None))

    @rule(pick=picks)
    def tell_the_brigade(self, pick: int) -> None:
        self._about(pick, lambda turn, one: outcall.plan(turn, "brigade", one.id))

    @rule(pick=picks, status=st.sampled_from([204, 500, None]))
    def webhook_answers(self, pick: int, status: int | None) -> None:
        ready = outcall.due(self.story.state, self.story.now, self.story.state.last_entry, ())
        if (call := self._any(ready, pick)) is None:
            return
        ring = outcall.ring(self.story.world(), self.story.state, self.story.state.calls[call])
        assert ring.url is not None or not ring.wanted
        reason = None if status is not None else "no_answer"
        told = (status, reason) if ring.wanted else (None, "not_needed")
        self.story.turn(lambda turn: outcall.rung(turn, call, *told))

    @rule(seconds=st.sampled_from([0.2, 1, 10, 61, 61, 400, 2000]))
    def time_passes(self, seconds: float) -> None:
        story = self.story
        story.now += timedelta(seconds=seconds)
        story.tick()
        overdue = [one for one in story.state.open_orders() if one.drafted.acknowledge_by <= story.now]
        assert not [one for one in overdue if one.state in UNANSWERED]
        assert not escalation.frames_owed(story.state, POLICY, story.now)
        assert not [at for at in story.state.timers.values() if at <= story.now]
        for one in story.state.checks.values():
            assert one.state != "open" or one.sent.answer_by > story.now
        for order in story.state.open_orders():
            by = order.drafted.deliver_by
            unheard = order.state in UNDELIVERED and by is not None and by <= story.now
            assert not unheard or any(step.event == "fallback_called" for step in order.history)

    @invariant()
    def the_agenda_is_that_of_the_timers(self) -> None:
        state, now = self.story.state, self.story.now
        ripe = sorted((at, key) for key, at in state.timers.items() if at <= now)
        assert state.agenda.due(now) == [key for _, key in ripe]

    @invariant()
    def calls_are_open_until_answered_and_nobody_off_duty_is_called(self) -> None:
        state = self.story.state
        assert state.ringing == {one.id for one in state.calls.values() if one.outcome is None}
        assert set(state.called.values()) == set(state.calls)
        for one in state.calls.values():
            assert one.planned.drill is None
            assert one.planned.incident is None or one.id in state.incidents[one.planned.incident].calls
            assert one.planned.recipient != "station:BR-1"

    @invariant()
    def only_who_missed_a_check_and_pressed_nothing_since_is_demoted(self) -> None:
        state = self.story.state
        for code, post in state.posts.items():
            last = state.checks[post.check] if post.check is not None else None
            assert code != "BR-1" or last is None
            waits = last is not None and last.state == "open"
            assert (f"duty_check_over {post.check}" in state.timers) == waits
            if post.demoted_since is not None:
                assert post.present_at is None or post.present_at < post.demoted_since
                assert last is not None
                assert last.answered_at is None

    @invariant()
    def engagements_are_those_of_the_open_orders(self) -> None:
        state = self.story.state
        respond = [one.drafted for one in state.open_orders() if one.drafted.kind is OrderKind.RESPOND]
        for drills in (True, False):
            called = {(one.recipient, one.incident) for one in respond if drills or one.drill is None}
            stations = [recipient.removeprefix("station:") for recipient, _ in called]
            assert state.engagements(drills=drills) == {one: stations.count(one) for one in stations}

    # ---- what goes wrong

    @rule()
    def crash(self) -> None:
        self.story.state = self._folded()

    @rule(device=detectors)
    def fail_half_way(self, device: str) -> None:
        turn = Turn(self.story.world(), self.story.state, self.story.now)
        sensing.decide(turn, self.story.signal("fire", device))
        self.story.state = self._folded()

    @rule()
    def keep_a_snapshot(self) -> None:
        self.kept = msgspec.msgpack.encode(self.story.state)
        self.story.entries.clear()
        self.read = 0

    @rule(days=st.integers(1, 9))
    def forget_what_ended(self, days: int) -> None:
        self.time_passes(days * 86400)
        limit = self.story.now - timedelta(hours=24)
        before = {one.id for one in self.story.state.open_orders()} | set(self.story.state.on.values())
        fold.forget(self.story.state, lambda one: one.closed_at is not None and one.closed_at < limit, limit, limit)
        after = {one.id for one in self.story.state.open_orders()} | set(self.story.state.on.values())
        assert after == before
        self.keep_a_snapshot()

    def teardown(self) -> None:
        assert self._folded() == self.story.state

    # ---- what is always true

    @invariant()
    def incidents_have_somebody_or_say_why_not(self) -> None:
        state = self.story.state
        for one in state.incidents.values():
            orders = state.orders_of(one)
            crews = [each for each in orders if each.drafted.kind is OrderKind.RESPOND]
            assert one.kind not in LIKE_FIRE or crews or one.warnings or one.merged_into
            waits = timer(upkeep.TIMER, one.id) in state.timers
            assert one.kind in LIKE_FIRE or orders or one.warnings or one.merged_into or waits
            upkept = [each for each in orders if one.kind == MAINTENANCE and each.drafted.reason != "called"]
            assert not any(POLICY.night.covers(each.drafted_at.time()) for each in upkept)
            stood_down = OrderState.CANCELLED  # may be wanted again: a false alarm that was none
            chosen = [each for each in crews if each.drafted.reason != "called" and each.state is not stood_down]
            asked = [each.drafted.recipient for each in chosen]
            assert len(asked) == len(set(asked)) or one.id in self.merged_into
            assert all(each.drafted.drill == one.drill for each in orders)
            assert all(each.drill == one.drill for each in state.alarms_of(one))
            ended = not any(each.open for each in orders)
            assert one.merged_into or one.open == (one.verdict is None or not ended)
            assert not (one.merged_into and (one.open or any(each.open for each in orders)))

    @invariant()
    def strength_is_there_or_on_its_way_or_command_knows(self) -> None:
        state = self.story.state
        for one in state.incidents.values():
            if one.calling is None or not incident.wants_more(state, one):
                continue
            told = {each.code for each in one.warnings}
            for tier in one.calling.tiers[1:]:
                people = crew.people(state.orders_of(one))
                assert tier.state != "satisfied" or people >= tier.strength
                assert tier.state != "short" or told & {"nobody_left", "nobody_on_duty"}
                assert tier.state != "waiting" or timer("calling", one.id) in state.timers
                assert tier.state != "over"
            assert one.verification != "confirmed" or one.brigade or one.source == "119"

    @invariant()
    def who_was_found_to_be_needed_nowhere_is_stood_down(self) -> None:
        state = self.story.state
        for one in state.incidents.values():
            if one.verification != "false" or one.verdict is not None:
                continue
            since = [each for each in state.orders_of(one) if each.drafted_at < one.denied_at and each.open]
            coming = [each for each in since if each.state in NOT_YET_THERE]
            assert len([each for each in coming if each.drafted.reason != "called"]) <= 1  # whoever said so

    @invariant()
    def indexes_say_what_is_there(self) -> None:
        state = self.story.state
        on = {slot(one.device, one.kind, one.drill): one.id for one in state.alarms.values() if _is_on(one.state)}
        assert on == state.on
        assert {one.id for one in state.open_orders()} == {one.id for one in state.orders.values() if one.open}
        for one in state.open_orders():
            assert one in state.open_orders(one.drafted.recipient)

    @invariant()
    def each_alarm_and_each_open_order_is_of_one_incident(self) -> None:
        state = self.story.state
        for one in state.orders.values():
            holding = [each.id for each in state.incidents.values() if one.id in each.orders]
            assert holding == [one.drafted.incident]
            assert not one.open or state.incidents[holding[0]].open
        for one in state.alarms.values():
            home = state.incidents.get(one.incident) if one.incident is not None else None
            if home is None:
                continue
            listed = [(each.device, each.kind) for each in state.alarms_of(home)]
            assert (one.device, one.kind) in listed
            assert len(listed) == len(set(listed)) or home.id in self.merged_into

    @invariant()
    def open_incidents_are_found_at_their_places_and_no_others(self) -> None:
        state = self.story.state
        places: dict[str, set[str]] = {}
        for one in state.incidents.values():
            for place in {one.place or NOWHERE, *state.places_of(one)} if one.open else ():
                places.setdefault(place, set()).add(one.id)
        assert state.open_at == places

    @invariant()
    def what_waits_has_an_end_and_calls_nobody_before(self) -> None:
        state = self.story.state
        for one in state.alarms.values():
            pending = one.state is AlarmState.PENDING
            assert pending == (one.held in (Held.DELAY, Held.CONFIRM, Held.RISE))
            assert one.held is None or one.state in (AlarmState.PENDING, AlarmState.ACTIVE)
            assert not pending or one.incident is None
            assert not pending or one.kind is not AlarmKind.MANUAL
            at = state.timers.get(timer("hold", one.id))
            assert at == one.held_until
            assert (one.held is None) == (at is None)
            assert one.held is not Held.CHATTERING or one.kind not in FIRE_LIKE
            assert not one.gone or one.held in (Held.OFF_DELAY, Held.CHATTERING) or one.state is AlarmState.SHELVED
            assert timer("grow", one.id) not in state.timers or one.state is AlarmState.ACTIVE

    @invariant()
    def a_blackout_that_has_ended_keeps_nobody_away(self) -> None:
        state = self.story.state
        going = {id for ids in state.dark.values() for id in ids}
        assert going == {one.id for one in state.blackouts.values() if one.ended_at is None}
        for one in (state.alarms[id] for id in state.on.values()):
            assert one.blackout is None or one.blackout in going
        for about in state.incidents.values():
            if about.open and incident.unheard(about) and not incident.harmless(about):
                assert [one for one in state.alarms_of(about) if one.blackout is not None or not _is_active(one.state)]

    @invariant()
    def false_alarms_that_repeat_are_somebodys_task(self) -> None:
        state, policy = self.story.state, Policy()
        for key, marks in state.false_alarms.items():
            assert list(marks) == sorted(marks, key=lambda one: one.at)
            lately = [one for one in marks if marks[-1].at - one.at < policy.false_within]
            if key.startswith("device") and len(lately) >= policy.false_repeats:
                assert marks[-1].at - state.maintained[key] < policy.false_within
        for one in state.incidents.values():
            assert (one.kind == MAINTENANCE) == (one.upkeep is not None)
            assert one.upkeep is None or not one.alarms
            assert one.outcome is None or one.verdict == REAL

    # ---- how it is looked at

    def _read(self) -> None:
        for entry in self.story.entries[self.read :]:
            assert b"name of" not in entry.body
            assert b"000-" not in entry.body
            for frame in entry.content.frames:
                if frame.subject == FLOOD or frame.subject.startswith("Q-"):
                    assert frame.seq == 0
                    continue
                assert frame.seq == self.seqs.get(frame.recipient, 0) + 1
                self.seqs[frame.recipient] = frame.seq
            for one in entry.content.facts:
                if isinstance(one, OrderDrafted):
                    self._drafted(one, entry.content.at)
                elif isinstance(one, OrderChanged):
                    kind = self.story.state.orders[one.order].drafted.kind
                    assert advance(kind, self.states[one.order], one.event) is one.state
                    self.states[one.order] = one.state
        self.read = len(self.story.entries)

    def _drafted(self, one: OrderDrafted, at: datetime) -> None:
        assert one.order not in self.states
        self.states[one.order] = OrderState.DRAFTED
        assert one.drill == self.story.state.incidents[one.incident].drill
        if one.kind is not OrderKind.RESPOND:
            return
        station = REGISTRY.stations[one.recipient.removeprefix("station:")]
        assert station.kind is not StationKind.BRIGADE
        stands = standing.of(self.story.world(), self.story.state, station, at)
        assert stands.on_duty or one.reason in ("own_unit", "called")
        if one.reason in CHOSEN - {"unchecked"}:
            self._wanted(one)
        if one.reason in CHOSEN:
            held = self.story.state.open_orders(one.recipient)
            before = {
                each.drafted.incident
                for each in held  # not those that the same entry stacks on it afterwards
                if each.id <= one.order and (one.drill is not None or each.drafted.drill is None)
            }
            assert len(before) <= station.capacity

    def _wanted(self, one: OrderDrafted) -> None:
        """Nobody is called beyond what the policy wanted at that moment: never two crews where it says one."""
        about = self.story.state.incidents[one.incident]
        before = [each for each in self.story.state.orders_of(about) if each.id < one.order]
        assert about.calling is not None
        own = about.calling.tiers[0].name
        here = crew.people(each for each in before if one.tier != "first" or each.drafted.tier != own)
        tier = next((each for each in about.calling.tiers if each.name == one.tier), None)
        assert here < (tier.strength if tier is not None else about.people_wanted)

    def _somebody_comes(self, device: str, event: str, drill: str | None) -> None:
        state = self.story.state
        play = state.drills.get(drill) if drill is not None else None
        played = play is not None and play.closed_at is None and self.story.now < play.until and device in play.devices
        (one,) = [
            each
            for each in state.alarms.values()
            if (each.device, each.drill) == (device, drill if played else None)
            and each.kind in FIRE_LIKE
            and each.state is AlarmState.ACTIVE
            and (each.kind.value == "fire") == (event == "fire")
        ]
        about = state.incidents[str(one.incident)]
        assert about.open
        assert about.verdict in (None, REAL)
        crews = [each for each in state.orders_of(about) if each.drafted.kind is OrderKind.RESPOND]
        if one.blackout is not None and not crews:
            assert state.blackouts[one.blackout].fire
            return
        assert any(each.open for each in crews) or "nobody_on_duty" in {told.code for told in about.warnings}

    def _folded(self) -> State:
        state = msgspec.msgpack.decode(self.kept, type=State)
        for entry in self.story.entries:
            fold.apply(state, entry)
        return state

    def _press(self, one: Order, action: str) -> None:
        self.refs += 1
        value = {"reason": "no_crew", "person": "W-1", "words": "the door is at the back"}
        actor = Actor("station", one.drafted.recipient)
        before = len(self.story.entries)
        refused = self.story.turn(
            lambda turn: pressing.press(turn, actor, one, action, f"ref-{self.refs}", None, value), by=actor.recipient
        )
        assert (refused is None) == (len(self.story.entries) > before)

    def _about(self, pick: int, decide: Callable[[Turn, Incident], Any]) -> None:
        if (one := self._any(list(self.story.state.incidents.values()), pick)) is not None:
            self.story.turn(lambda turn: decide(turn, one))

    def _any(self, items: list[Any], pick: int) -> Any:
        return items[-1 - pick % len(items)] if items else None


def _is_active(state: AlarmState) -> bool:
    return state is AlarmState.ACTIVE


def _is_on(state: AlarmState) -> bool:
    return state is not AlarmState.CLEARED


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
