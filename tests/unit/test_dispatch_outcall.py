"""Who is told by webhook, of what, until when, and what is written down of it."""

import json
from dataclasses import replace
from datetime import time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import Story

from devices import webhook
from devices.model import Duty, DutyKind, Person, Shift
from devices.registry import Registry
from dispatch.alarms import joining
from dispatch.calling import summons
from dispatch.duty import outcall
from dispatch.facts.actor import Actor
from dispatch.facts.fact import CallEnded, CallPlanned, CallTried
from dispatch.facts.order import OrderEvent
from dispatch.policy.policy import Policy
from dispatch.presses import pressing, verification
from dispatch.state import fold
from dispatch.state.state import State
from dispatch.world import Webhooks

ALL = Webhooks("http://sms.example/all", "http://brigade.example/")
COMMAND = Actor("command", "command:main")


def story_of(registry: Registry, webhooks: Webhooks = ALL, policy: Policy | None = None) -> Story:
    return Story(registry, webhooks=webhooks, policy=policy or Policy())


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return story_of(small_registry)


def called(story: Story) -> list[tuple[str, str | None]]:
    return [(one.planned.subject, one.planned.recipient) for one in story.state.calls.values()]


def codes(story: Story) -> list[str]:
    return [one.code for one in story.incident().warnings]


def rung(story: Story, call: str, status: int | None, reason: str | None = None) -> None:
    story.turn(lambda turn: outcall.rung(turn, call, status, reason))


def due(story: Story) -> list[str]:
    return outcall.due(story.state, story.now, story.state.last_entry, ())


# ---- who and when


def test_an_order_that_no_screen_has_after_ten_seconds_is_told_by_webhook(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(9)
    assert called(story) == []
    story.pass_time(1)
    assert called(story) == [("O-000001", "station:ST-1"), ("O-000002", "person:L-3")]
    assert [step.event for step in story.orders()[0].history] == ["drafted", "fallback_called"]
    assert "no_fallback" not in codes(story)


def test_an_order_that_a_screen_has_is_told_to_nobody_else(story: Story) -> None:
    story.event("fire", "S-4")
    for one in story.orders():
        story.turn(lambda turn, one=one: turn.change(one, OrderEvent.DELIVER))
    assert not [key for key in story.state.timers if key.startswith("undelivered")]
    story.pass_time(30)
    assert called(story) == []


def test_an_order_that_was_pressed_on_is_told_to_nobody_else(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    story.pass_time(10)
    assert called(story) == [("O-000002", "person:L-3")]


def test_each_is_called_once_about_an_order(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(59)
    assert len(called(story)) == 2


def test_a_stations_officers_on_duty_are_called_too_and_nobody_off_duty(small_registry: Registry) -> None:
    people = [Person(code, code, "000-9", "ST-1") for code in ("CH", "ON", "OFF", "CREW")]
    duties = [
        Duty("CH", DutyKind.CHIEF, "ST-1"),
        Duty("OFF", DutyKind.DUTY_OFFICER, "ST-1"),
        Duty("ON", DutyKind.DUTY_OFFICER, "ST-1"),
        Duty("CREW", DutyKind.CREW, "ST-1"),
    ]
    shifts = [
        Shift("ST-1", day, start, until, person)
        for day in range(1, 8)
        for person, start, until in (("CH", time(8), time(20)), ("ON", time(8), time(20)), ("OFF", time(20), time(8)))
    ]
    registry = replace(
        small_registry,
        people=small_registry.people | {one.code: one for one in people},
        duties=(*small_registry.duties, *duties),
        shifts=tuple(shifts),
    )
    story = story_of(registry)
    story.event("fire", "S-4")
    story.pass_time(10)
    assert [recipient for subject, recipient in called(story) if subject == "O-000001"] == [
        "station:ST-1",
        "person:CH",
        "person:ON",
    ]


def test_a_control_room_is_told_by_those_who_sit_in_it(small_registry: Registry) -> None:
    registry = replace(small_registry, duties=(*small_registry.duties, Duty("W-1", DutyKind.CONTROL_ROOM, "P-1")))
    story = story_of(registry)
    assert story.turn(lambda turn: list(outcall.reach(turn, "control_room:P-1"))) == ["person:W-1"]


def test_ones_own_webhook_goes_before_the_districts(small_registry: Registry) -> None:
    leader = replace(small_registry.people["L-3"], fallback="https://own.example/l3")
    story = story_of(replace(small_registry, people=small_registry.people | {"L-3": leader}))
    assert outcall.address(story.world(), "fallback", "person:L-3") == "https://own.example/l3"
    assert outcall.address(story.world(), "fallback", "person:L-2") == ALL.fallback
    assert outcall.address(story.world(), "brigade", None) == ALL.brigade


def test_without_any_address_command_is_warned_once_an_incident(small_registry: Registry) -> None:
    story = story_of(small_registry, Webhooks())
    story.event("fire", "S-4")
    story.pass_time(200)
    assert called(story) == []
    assert codes(story).count("no_fallback") == 1


def test_an_order_that_only_informs_warns_nobody(small_registry: Registry) -> None:
    story = story_of(small_registry, Webhooks())
    story.reading("E-3", residual_ma=400)
    for one in story.orders():
        if one.drafted.kind != "inform":
            story.turn(lambda turn, one=one: turn.change(one, OrderEvent.DELIVER))
    story.turn(lambda turn: pressing.call(turn, COMMAND, story.incident(), "person:W-1"))
    story.pass_time(20)
    assert "no_fallback" not in codes(story)


@pytest.mark.parametrize("calls", [False, True])
def test_an_exercise_calls_webhooks_only_where_the_policy_says_so(small_registry: Registry, *, calls: bool) -> None:
    story = story_of(small_registry, policy=Policy(drill_calls=calls))
    request = {"scenario": "kitchen-fire", "devices": ["S-4"]}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    story.event("fire", "S-4", drill="D-000001")
    planned = story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    story.pass_time(12)
    assert planned is calls
    assert bool(called(story)) is calls
    assert all(one.planned.drill == "D-000001" for one in story.state.calls.values())
    assert "no_fallback" not in codes(story)


def test_the_brigade_is_told_once_an_incident_and_before_others(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    assert story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    assert story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    assert due(story) == ["C-000003", "C-000001", "C-000002"]


# ---- what comes of it


def test_a_call_that_was_taken_is_answered_but_its_order_is_not_delivered(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    rung(story, "C-000001", 202)
    (order, _) = story.orders()
    assert order.state == "drafted"
    assert [step.event for step in order.history][-1] == "fallback_answered"
    assert due(story) == ["C-000002"]
    ended = story.entries[-1].content.facts[-1]
    assert ended == CallEnded(call="C-000001", outcome="delivered", attempts=1, status=202)


def test_a_call_that_failed_is_made_again_ever_more_slowly_until_two_minutes_have_passed(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    planned, waits = story.now, []
    while "C-000001" in story.state.ringing:
        before = story.now
        while "C-000001" not in due(story):
            story.pass_time(1)
        waits.append((story.now - before).total_seconds())
        rung(story, "C-000001", 503)
    assert waits == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert timedelta(minutes=2) <= story.now - planned < timedelta(minutes=2, seconds=31)
    assert [step.event for step in story.state.orders["O-000001"].history][-1] == "fallback_failed"
    (ended,) = [fact for entry in story.entries for fact in entry.content.facts if isinstance(fact, CallEnded)]
    assert (ended.outcome, ended.attempts, ended.status) == ("failed", 9, 503)


def test_when_every_call_about_an_order_failed_command_is_warned(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    story.now += timedelta(minutes=2)
    rung(story, "C-000001", None, "no_answer")
    assert codes(story).count("no_fallback") == 1
    rung(story, "C-000002", None, "no_answer")
    assert codes(story).count("no_fallback") == 1


def test_a_brigade_that_cannot_be_told_is_command_s_to_telephone(story: Story) -> None:
    story.event("fire", "S-4")
    story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    story.now += timedelta(minutes=2)
    rung(story, "C-000001", None, "unreachable")
    assert "brigade_not_told" in codes(story)


def test_who_has_called_119_is_not_asked_to(story: Story) -> None:
    story.event("fire", "S-4")
    story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    story.turn(lambda turn: verification.tell_brigade(turn, story.incident(), "command:main", None, None))
    story.now += timedelta(minutes=2)
    rung(story, "C-000001", None, "unreachable")
    assert "brigade_not_told" not in codes(story)


def test_the_brigade_hears_nothing_of_who_lives_there(small_registry: Registry) -> None:
    secret = replace(small_registry.places["P-2"], vulnerable="bedridden man")
    story = story_of(replace(small_registry, places=small_registry.places | {"P-2": secret}))
    story.event("fire", "S-4")
    story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    body = outcall.ring(story.world(), story.state, story.state.calls["C-000001"]).body
    assert b"bedridden" not in body
    assert "地址：2 Road flats".encode() in body


def test_what_need_not_be_told_any_more_is_not(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    story.turn(lambda turn: turn.change(turn.state.orders["O-000001"], OrderEvent.DELIVER))
    ring = outcall.ring(story.world(), story.state, story.state.calls["C-000001"])
    assert not ring.wanted
    rung(story, "C-000001", None, "not_needed")
    assert story.state.calls["C-000001"].outcome == "not_needed"
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, story.incident(), {"verdict": "false"}, None))
    assert not outcall.needed(story.state, story.state.calls["C-000002"])


def test_an_order_that_lapsed_unheard_is_still_told(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(61)
    assert story.state.orders["O-000001"].state == "lapsed"
    assert outcall.needed(story.state, story.state.calls["C-000001"])


def test_calls_go_over_to_the_incident_that_theirs_was_merged_into(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    request = {"kind": "fire", "source": "119", "lon": 120.0, "lat": 30.0}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    before, into = story.state.incidents.values()
    assert story.turn(lambda turn: joining.merge(turn, COMMAND, before, into, None)) is None
    assert story.state.incidents[before.id].calls == ()
    assert story.state.incidents[into.id].calls == before.calls
    assert outcall.needed(story.state, story.state.calls["C-000001"])
    rung(story, "C-000001", 200)
    assert story.state.calls["C-000001"].outcome == "delivered"


def test_a_call_whose_address_is_gone_fails_at_once(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    story.webhooks = Webhooks()
    ring = outcall.ring(story.world(), story.state, story.state.calls["C-000001"])
    assert (ring.wanted, ring.url) == (True, None)
    rung(story, "C-000001", None, outcall.NO_ADDRESS)
    assert story.state.calls["C-000001"].outcome == "failed"


def test_a_call_whose_entry_has_not_taken_effect_is_not_made(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    last = story.state.calls["C-000002"].entry
    assert "C-000002" not in outcall.due(story.state, story.now, last - 1, ())
    assert "C-000002" in outcall.due(story.state, story.now, last, ())


def test_a_second_answer_to_the_same_call_changes_nothing(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    rung(story, "C-000001", 200)
    before = len(story.entries)
    rung(story, "C-000001", 500)
    assert len(story.entries) == before


def test_calls_survive_in_the_ledger_and_in_a_snapshot_and_are_forgotten_with_their_incident(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    rung(story, "C-000001", 500)
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again == story.state
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(again), type=State) == again
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, story.incident(), {"verdict": "false"}, None))
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.incident()))
    fold.forget(story.state, lambda _: True, story.now, story.now)
    assert (story.state.calls, story.state.ringing, story.state.called) == ({}, set(), {})
    assert story.turn(lambda turn: turn.number("C")) == "C-000003"


# ---- what is said


def test_a_call_says_what_a_gateway_needs_and_nothing_of_who_lives_there(small_registry: Registry) -> None:
    secret = replace(small_registry.places["P-2"], vulnerable="bedridden man", keyholder="neighbour")
    story = story_of(replace(small_registry, places=small_registry.places | {"P-2": secret}))
    story.event("fire", "S-4")
    story.pass_time(10)
    ring = outcall.ring(story.world(), story.state, story.state.calls["C-000001"])
    told = json.loads(ring.body)
    assert ring.url == ALL.fallback
    assert told["phone"] == "000-1"
    assert told["at"] == "2026-11-21T12:00:00.000Z"
    assert told["place"]["address"] == "2 Road"
    assert told["text"]["en"] == "Fire alarm: flats, 2 Road, floor 2, 201. Turn out now. Order O-000001, 12:00."
    assert told["text"]["zh"] == "火警：flats（2 Road） 2 层 201。请立即出动。指令 O-000001，12:00。"
    assert b"bedridden" not in ring.body
    assert b"neighbour" not in ring.body


def test_an_exercise_says_so_first(small_registry: Registry) -> None:
    story = story_of(small_registry, policy=Policy(drill_calls=True))
    request = {"scenario": "kitchen-fire", "devices": ["S-4"]}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    story.event("fire", "S-4", drill="D-000001")
    story.turn(lambda turn: outcall.plan(turn, "brigade", "I-000001"))
    told = json.loads(outcall.ring(story.world(), story.state, story.state.calls["C-000001"]).body)
    assert told["drill"] is True
    assert told["text"]["zh"].startswith("【演练，不得拨打 119】地址：2 Road flats")
    assert told["text"]["en"].startswith("[EXERCISE, do not call 119]")
    story.pass_time(10)
    order = json.loads(outcall.ring(story.world(), story.state, story.state.calls["C-000002"]).body)
    assert order["text"]["zh"].startswith("【演练】")
    assert order["text"]["en"].startswith("EXERCISE.")
    assert (told["recipient"], told["order"], told["phone"]) == (None, None, None)


def test_where_no_place_is_registered_the_position_is_told(story: Story) -> None:
    request = {"kind": "fire", "source": "119", "lon": 120.0, "lat": 30.0}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    story.pass_time(10)
    told = json.loads(outcall.ring(story.world(), story.state, story.state.calls["C-000001"]).body)
    assert "120.00000, 30.00000" in told["text"]["en"]


def test_facts_of_calls_hold_codes_only(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(10)
    rung(story, "C-000001", 500)
    kinds = (CallPlanned, CallTried, CallEnded)
    facts = [fact for entry in story.entries for fact in entry.content.facts if isinstance(fact, kinds)]
    written = msgspec.json.encode(facts)
    for phone in ("000-1", "000-2", "example"):
        assert phone.encode() not in written


# ---- addresses


@pytest.mark.parametrize(
    "good", ["http://127.0.0.1:9119/", "https://sms.example.org/send?token=a%20b", "https://[::1]:8443/x"]
)
def test_addresses_that_can_be_posted_to(good: str) -> None:
    assert webhook.flaw(good) is None


@pytest.mark.parametrize(
    "bad",
    ["", "sms.example.org", "ftp://x/y", "http://", "https://u:p@x/", "http://x:99999/", "http://x/ü", "http://x/ y"],
)
def test_addresses_that_cannot(bad: str) -> None:
    assert webhook.flaw(bad)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_said_not_to_be(text: str) -> None:
    wrong = webhook.flaw(f"http://{text}")
    assert wrong is None or len(wrong) > 5


def test_a_called_station_s_crew_has_a_link_each_and_a_leader_one_of_the_leaders_page(small_registry: Registry) -> None:
    def link(page: str, person: str, order: str, _since: object) -> str:
        return f"/{page}#{person}.{order}"

    crew = Person("C-1", "C-1", "000-9", "ST-1")
    registry = replace(
        small_registry,
        people=small_registry.people | {"C-1": crew},
        duties=(*small_registry.duties, Duty("C-1", DutyKind.DUTY_OFFICER, "ST-1")),
    )
    story = story_of(registry, replace(ALL, link=link))
    story.event("fire", "S-4")
    story.pass_time(10)
    told = {
        one.planned.recipient: json.loads(summons.body(story.world(), story.state, one))
        for one in story.state.calls.values()
    }
    assert told["station:ST-1"]["link"] is None
    assert {"person": "C-1", "phone": "000-9", "link": "/member#C-1.O-000001"} in told["station:ST-1"]["crew"]
    assert (told["person:L-3"]["link"], told["person:L-3"]["crew"]) == ("/leader#L-3.O-000002", [])
