"""Every path of the policy, told to the second: tiers, strength in people, verification, 119, lapses, night."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import districts
import pytest
from stories import MIDNIGHT, NOON, Story

from devices.registry import Registry
from dispatch.choosing import standing
from dispatch.facts.actor import Actor
from dispatch.facts.fact import OrderDrafted
from dispatch.facts.order import OrderState
from dispatch.policy.policy_text import parse
from dispatch.presses import pressing, verification
from dispatch.state import fold
from dispatch.state.state import Incident, Order, State
from dispatch.views import view
from dispatch.world import Webhooks

COMMAND = Actor("command", "command:main")


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


@pytest.fixture
def peopled() -> Story:
    return Story(districts.peopled())


def _crews(story: Story) -> list[tuple[str, str]]:
    return [(who.removeprefix("station:"), why) for who, kind, why in story.told() if kind == "respond"]


def _of(story: Story, recipient: str) -> Order:
    return next(one for one in reversed(story.orders()) if one.drafted.recipient == recipient)


def _at(story: Story, recipient: str) -> float:
    """Seconds after the opening at which the recipient was ordered."""
    return (_of(story, recipient).drafted_at - story.incident().opened_at).total_seconds()


def _tiers(story: Story) -> dict[str, str]:
    assert story.incident().calling is not None
    return {one.name: one.state for one in story.incident().calling.tiers}


def _report(story: Story, place: str = "P-2", **more: Any) -> str | None:
    request = {"kind": "fire", "source": "phone", "place": place} | more
    return story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))


def _warnings(story: Story) -> list[str]:
    return [one.code for one in story.incident().warnings if one.code != "no_fallback"]


# ---- tiers count arrivals, strength counts people


def test_an_ordinary_fire_calls_one_crew_and_the_leader_at_once_and_nobody_more(story: Story) -> None:
    story.event("fire", "S-4")
    assert story.told() == [("station:ST-1", "respond", "soonest"), ("person:L-3", "attend", "leader")]
    assert _tiers(story) == {"own": "empty", "first": "satisfied", "support": "empty"}
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-1", "turn_out")
    story.press("person:L-3", "acknowledge")
    story.pass_time(600)
    assert len(story.orders()) == 2


def test_an_order_names_its_tier_its_people_and_the_rules_that_applied(story: Story) -> None:
    story.event("fire", "S-1")
    own, first = (story.orders()[number].drafted for number in (0, 1))
    assert (own.tier, own.crew, own.reason) == ("own", 4, "own_unit")
    assert (first.tier, first.crew, first.reason) == ("first", 4, "soonest")
    assert first.rules == ("places-at-risk",)


def test_who_needs_longer_than_is_left_is_called_at_once_and_no_more_are_than_it_takes(story: Story) -> None:
    story.event("fire", "S-4")
    story.event("manual_call", "S-4")  # a call point: severity 3, six people by minute five
    # ST-1 brings 4 of them; ST-2 one, 70 s from now; ST-3 four, 30 s ago: with it there are enough
    assert _crews(story) == [("ST-1", "soonest"), ("ST-3", "support")]
    assert _tiers(story)["support"] == "satisfied"
    story.press("station:ST-1", "turn_out")
    story.press("station:ST-3", "turn_out")
    story.pass_time(300)
    assert len(_crews(story)) == 2


def test_found_false_before_its_time_a_support_crew_is_never_woken(peopled: Story) -> None:
    stations = {code: one for code, one in peopled.registry.stations.items() if code != "ST-3"}
    duties = tuple(
        replace(one, scope="P-2") if one.person in ("K-1", "R-1") else one for one in peopled.registry.duties
    )
    peopled.registry = replace(peopled.registry, stations=stations, duties=duties, shifts=())
    peopled.event("fire", "S-4")
    peopled.event("manual_call", "S-4")
    peopled.press("station:ST-1", "turn_out")
    assert _tiers(peopled)["support"] == "waiting"
    peopled.pass_time(69)
    assert [one for one, _ in _crews(peopled)] == ["ST-1"]
    peopled.press("person:K-1", "acknowledge")
    assert peopled.press("person:K-1", "report_false") is None
    peopled.pass_time(600)
    assert [one for one, _ in _crews(peopled)] == ["ST-1"]
    assert _of(peopled, "station:ST-1").state is OrderState.CANCELLED
    assert _tiers(peopled)["support"] == "over"


def test_support_is_called_at_the_very_second(peopled: Story) -> None:
    peopled.registry = replace(peopled.registry, shifts=())
    peopled.event("fire", "S-4")
    peopled.event("manual_call", "S-4")
    peopled.press("station:ST-1", "turn_out")
    peopled.pass_time(69)
    assert [one for one, _ in _crews(peopled)] == ["ST-1"]
    peopled.pass_time(1)
    assert _crews(peopled)[1:] == [("ST-2", "support")]
    assert _at(peopled, "station:ST-2") == 300 - 230
    assert _of(peopled, "station:ST-2").drafted.tier == "support"


def test_a_confirmed_fire_is_filled_from_several_stations_at_once(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "confirm_fire")
    # 12 people: ST-1 4, ST-2 1, ST-3 4, ST-U 4
    assert _crews(story) == [("ST-1", "soonest"), ("ST-2", "strength"), ("ST-3", "strength"), ("ST-U", "strength")]
    assert _at(story, "station:ST-U") == 0
    assert sum(_of(story, f"station:{one}").drafted.crew for one, _ in _crews(story)) == 13
    assert _tiers(story) == {"own": "empty", "first": "satisfied", "support": "satisfied"}
    assert "nobody_left" not in _warnings(story)


def test_a_second_floor_calls_more_people_in_the_same_entry(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-3")
    assert [why for _, why in _crews(story)] == ["own_unit", "soonest", "strength", "strength"]
    assert story.incident().brigade.reason == "severity"


def test_too_few_people_are_told_once_and_looked_for_again_each_minute(story: Story) -> None:
    stations = dict(story.registry.stations)
    story.registry = replace(story.registry, stations={code: stations[code] for code in ("ST-1", "BR-1")})
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "confirm_fire")
    assert _warnings(story) == ["nobody_left"]
    assert _tiers(story)["first"] == "short"
    story.pass_time(59)
    story.registry = replace(story.registry, stations=stations)
    assert len(_crews(story)) == 1
    story.pass_time(1)
    assert len(_crews(story)) == 4
    assert _warnings(story) == ["nobody_left"]


def test_a_fire_nobody_can_come_to_is_looked_at_again_for_half_an_hour_and_then_left_to_command(story: Story) -> None:
    story.registry = replace(story.registry, stations={})
    story.event("fire", "S-4")
    story.press("person:L-3", "acknowledge")
    assert _warnings(story) == ["nobody_on_duty"]
    story.pass_time(29 * 60)
    assert "calling I-000001" in story.state.timers
    story.pass_time(2 * 60)
    assert "calling I-000001" not in story.state.timers


def test_the_own_station_counts_for_the_first_crew_only_where_nobody_is_sooner(small_registry: Registry) -> None:
    places = small_registry.places | {"P-1": replace(small_registry.places["P-1"], station="ST-1")}
    story = Story(replace(small_registry, places=places))
    story.event("fire", "S-1")
    assert _crews(story) == [("ST-1", "own_unit")]
    assert story.orders()[0].drafted.tier == "first"


def test_the_own_station_declining_calls_nobody_while_a_crew_is_on_its_way(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-U", "decline", {"reason": "no_crew"})
    assert [one for one, _ in _crews(story)] == ["ST-U", "ST-1"]


def test_a_decline_calls_the_next_in_the_same_second_and_its_entry(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(7)
    story.press("station:ST-1", "decline", {"reason": "no_crew"})
    assert _crews(story)[-1] == ("ST-2", "declined")
    assert _at(story, "station:ST-2") == 7
    assert any(isinstance(one, OrderDrafted) for one in story.entries[-1].content.facts)


def test_a_crew_that_acknowledged_and_did_not_turn_out_lapses_at_sixty_seconds(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(20)
    story.press("station:ST-1", "acknowledge")
    story.pass_time(59)
    assert len(_crews(story)) == 1
    story.pass_time(1)
    assert _of(story, "station:ST-1").state is OrderState.LAPSED
    assert _crews(story)[-1] == ("ST-2", "not_turned_out")
    assert _at(story, "station:ST-2") == 80
    assert story.press("station:ST-1", "acknowledge") is None  # late is better than never
    assert story.press("station:ST-1", "turn_out") is None
    story.pass_time(50)
    assert _of(story, "station:ST-1").state is OrderState.TURNED_OUT
    assert _of(story, "station:ST-2").open


def test_turning_out_in_time_ends_the_clock(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    assert "turn_out O-000001" in story.state.timers
    story.pass_time(60 - 1)
    story.press("station:ST-1", "turn_out")
    assert "turn_out O-000001" not in story.state.timers


def test_help_is_asked_for_in_people(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    assert story.press("station:ST-1", "request_help", {"people": 5}) is None
    assert _crews(story)[1:] == [("ST-2", "help_requested"), ("ST-3", "help_requested")]
    assert story.incident().people_wanted == 9
    story.press("station:ST-3", "decline", {"reason": "too_far"})
    assert _crews(story)[-1] == ("ST-U", "declined")


def test_a_late_acknowledgement_calls_nobody_more_and_keeps_the_next_ones_order(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(60)
    first = story.orders()[0]
    actor = Actor("station", "station:ST-1")
    story.turn(lambda turn: pressing.press(turn, actor, first, "acknowledge", "late", None, None))
    story.press("station:ST-2", "decline", {"reason": "no_crew"})
    assert [one for one, _ in _crews(story)] == ["ST-1", "ST-2"]


def test_standing_everybody_down_ends_the_calling_until_somebody_confirms(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("person:L-3", "arrive")
    about = story.incident()
    story.turn(lambda turn: verification.stand_down(turn, about, "command:main", only=frozenset({OrderState.DRAFTED})))
    story.event("fire", "S-1")
    about = next(iter(story.state.incidents.values()))
    before = len(story.orders())
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, about))
    story.pass_time(600)
    assert [one for one in story.orders()[before:] if one.drafted.incident == about.id] == []
    story.turn(
        lambda turn: verification.confirm(turn, turn.state.incidents[about.id], story.orders()[0], "command:main")
    )
    assert [one for one in story.orders()[before:] if one.drafted.incident == about.id] != []


# ---- demoted stations


def _stand(monkeypatch: pytest.MonkeyPatch, *demoted: str) -> None:
    """These stations have missed their duty check."""
    monkeypatch.setattr(standing, "demoted", lambda _state, station: station.code in demoted)


def test_a_demoted_station_is_called_beside_and_counts_once_it_answers(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand(monkeypatch, "ST-1")
    story.event("fire", "S-4")
    assert _crews(story) == [("ST-2", "soonest"), ("ST-1", "unchecked")]
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-1", "turn_out")
    story.press("station:ST-2", "decline", {"reason": "no_crew"})
    assert len(_crews(story)) == 2


def test_a_demoted_station_that_is_silent_does_not_count(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand(monkeypatch, "ST-1")
    story.event("fire", "S-4")
    story.press("station:ST-2", "decline", {"reason": "no_crew"})
    assert _crews(story)[-1] == ("ST-3", "declined")


def test_where_all_are_demoted_they_are_called_one_after_the_other(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand(monkeypatch, "ST-1", "ST-2", "ST-3", "ST-U")
    story.event("fire", "S-4")
    assert _crews(story) == [("ST-1", "soonest")]
    story.pass_time(60)
    assert _crews(story)[1:] == [("ST-2", "not_acknowledged")]


# ---- verification beside the crew


def test_control_room_and_contact_are_asked_at_once_and_the_warden_after_thirty_seconds(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    asked = [(who, why) for who, kind, why in peopled.told() if kind == "verify"]
    assert asked == [("control_room:P-1", "control_room"), ("person:K-1", "contact")]
    peopled.pass_time(29)
    assert len(peopled.orders()) == 5
    peopled.pass_time(1)
    assert peopled.told()[-1] == ("person:W-1", "verify", "warden")
    assert _at(peopled, "person:W-1") == 30


def test_the_warden_is_asked_sooner_when_all_before_said_no(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.pass_time(5)
    peopled.press("control_room:P-1", "decline", {"reason": "other"})
    assert "person:W-1" not in {one[0] for one in peopled.told()}
    peopled.press("person:K-1", "decline", {"reason": "other"})
    assert _at(peopled, "person:W-1") == 5


def test_the_warden_is_not_asked_while_somebody_is_looking_and_is_when_they_give_up(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "acknowledge")
    peopled.pass_time(45)
    assert "person:W-1" not in {one[0] for one in peopled.told()}
    peopled.press("person:K-1", "decline", {"reason": "other"})
    assert _at(peopled, "person:W-1") == 45


def test_a_place_with_only_a_warden_asks_the_warden_at_once(peopled: Story) -> None:
    peopled.event("fire", "S-4")
    assert peopled.told()[-1] == ("person:W-2", "verify", "warden")
    assert _at(peopled, "person:W-2") == 0


def test_the_silence_of_who_verifies_informs_nobody_above(peopled: Story) -> None:
    peopled.event("fire", "S-4")
    for recipient in ("station:ST-1", "person:L-3"):
        peopled.press(recipient, "acknowledge")
    peopled.press("station:ST-1", "turn_out")
    peopled.pass_time(61)
    assert _of(peopled, "person:W-2").state is OrderState.LAPSED
    assert len(peopled.orders()) == 3


def test_found_false_by_the_contact_stands_down_all_on_the_way_in_the_same_entry(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("station:ST-U", "arrive")
    peopled.press("station:ST-1", "turn_out")
    assert peopled.press("person:K-1", "report_false") is None
    assert peopled.incident().verification == "false"
    assert {one.drafted.recipient: one.state.value for one in peopled.orders()} == {
        "station:ST-U": "arrived",
        "station:ST-1": "cancelled",
        "person:L-3": "cancelled",
        "control_room:P-1": "cancelled",
        "person:K-1": "drafted" if not peopled.screens else "sent",
    }
    assert peopled.incident().open
    assert peopled.incident().verdict is None
    before = len(peopled.orders())
    peopled.pass_time(600)
    assert len(peopled.orders()) == before


def test_what_was_found_false_takes_no_further_alarm_in(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "report_false")
    peopled.event("fire", "S-2")
    assert len(peopled.state.incidents) == 2
    assert _crews(peopled)[2:] == [("ST-U", "own_unit"), ("ST-1", "soonest")]


def test_the_word_of_a_crew_that_is_not_there_stands_nobody_down(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    assert story.press("station:ST-1", "report_false") is None
    assert story.incident().verification == "unverified"
    assert _warnings(story) == ["false_from_afar"]
    assert _of(story, "person:L-3").open
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "report_false")
    assert story.incident().verification == "false"
    assert not _of(story, "person:L-3").open


def test_whose_word_counts_is_the_policys_business(small_registry: Registry) -> None:
    story = Story(small_registry, policy=parse('name="x"\n[verification]\nfalse_from=["respond"]', "x"))
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-1", "report_false")
    assert story.incident().verification == "false"


def test_a_crew_that_is_there_and_sees_it_burn_is_believed_before_a_verdict_of_no_fire(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("station:ST-1", "arrive")
    peopled.turn(lambda turn: pressing.give_verdict(turn, COMMAND, peopled.incident(), {"verdict": "false"}, None))
    sent_home = [one.drafted.recipient for one in peopled.orders() if one.state is OrderState.CANCELLED]
    assert any(one.startswith("station:") for one in sent_home)
    peopled.press("station:ST-1", "confirm_fire")
    about = peopled.incident()
    assert (about.verdict, about.cause, about.judged_at, about.severity) == (None, None, None, 4)
    assert "verdict_contradicted" in _warnings(peopled)
    again = {one.drafted.recipient for one in peopled.orders() if one.open}
    assert {one for one in sent_home if one.startswith("station:")} <= again
    assert about.brigade is not None
    assert about.brigade.due_since is not None
    peopled.press("station:ST-1", "close")
    assert peopled.incident().open


def test_after_a_confirmation_nobody_is_stood_down_by_a_word(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "confirm_fire")
    peopled.press("control_room:P-1", "report_false")
    assert peopled.incident().verification == "confirmed"
    assert "contradiction" in _warnings(peopled)
    assert all(one.open for one in peopled.orders())


def test_a_fire_confirmed_after_all_calls_again_whom_it_had_stood_down(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "report_false")
    before = len(_crews(peopled))
    assert peopled.press("person:K-1", "confirm_fire") is None
    assert {one for one, _ in _crews(peopled)[before:]} == {"ST-1", "ST-2", "ST-3", "ST-U"}
    assert peopled.incident().severity == 4


def test_of_a_confirmed_fire_those_above_are_informed_each_once(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "confirm_fire")
    peopled.press("control_room:P-1", "confirm_fire")
    informed = [who for who, kind, why in peopled.told() if (kind, why) == ("inform", "confirmed")]
    assert informed == ["person:L-2", "person:O-2", "person:L-1", "person:O-1"]


def test_electrical_danger_that_burns_is_a_fire(peopled: Story) -> None:
    peopled.reading("E-1", residual_ma=400.0)
    peopled.press("person:M-1", "acknowledge")
    assert peopled.press("person:M-1", "confirm_fire") is None
    assert peopled.incident().severity == 4
    assert ("station:ST-U", "respond", "own_unit") in peopled.told()
    assert ("person:L-3", "attend", "leader") in peopled.told()
    assert peopled.incident().brigade.reason == "confirmed"


# ---- 119


@pytest.mark.parametrize(("device", "limit"), [("S-4", 180), ("S-1", 120)])
def test_a_fire_nobody_verified_is_reported_at_the_limit_of_its_place(peopled: Story, device: str, limit: int) -> None:
    peopled.event("fire", device)
    peopled.pass_time(limit - 1)
    assert peopled.incident().brigade is None
    peopled.pass_time(1)
    brigade = peopled.incident().brigade
    assert (brigade.reason, brigade.due_since) == ("unverified", NOON + timedelta(seconds=limit))


def test_at_night_where_people_sleep_it_is_reported_sooner(small_registry: Registry) -> None:
    story = Story(small_registry, now=MIDNIGHT)
    story.event("fire", "S-4")
    story.pass_time(120)
    assert story.incident().brigade.reason == "unverified"


def test_a_confirmed_fire_is_to_be_reported_in_the_same_second_and_who_did_is_recorded(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.pass_time(10)
    peopled.press("control_room:P-1", "confirm_fire")
    assert peopled.incident().brigade.due_since == peopled.now
    assert peopled.press("control_room:P-1", "report_brigade", {"case_number": "119-7", "person": "R-1"}) is None
    told = peopled.incident().brigade
    assert (told.reported_at, told.reported_by, told.case_number) == (peopled.now, "person:R-1", "119-7")
    assert _of(peopled, "control_room:P-1").history[-1].event == "brigade_reported"
    assert peopled.press("station:ST-1", "report_brigade") is not None


def test_who_has_called_119_before_it_was_due_is_not_asked_to_again(peopled: Story) -> None:
    peopled.webhooks = Webhooks(None, "http://brigade.example/")
    peopled.event("fire", "S-1")
    assert peopled.press("control_room:P-1", "report_brigade", {"person": "R-1"}) is None
    peopled.press("control_room:P-1", "confirm_fire")
    peopled.pass_time(600)
    told = peopled.incident().brigade
    assert (told.reported_by, told.due_since, told.reason) == ("person:R-1", None, None)
    assert not [one for one in peopled.state.calls.values() if one.planned.kind == "brigade"]


def test_what_119_told_us_of_is_not_told_to_119(story: Story) -> None:
    _report(story, source="119")
    story.pass_time(200)
    story.press("station:ST-2", "arrive")
    story.press("station:ST-2", "confirm_fire")
    assert story.incident().brigade is None


def test_the_brigades_webhook_is_called_once_where_there_is_one(peopled: Story) -> None:
    peopled.webhooks = Webhooks(None, "http://brigade.example/")
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "confirm_fire")
    peopled.press("control_room:P-1", "confirm_fire")
    assert [one.planned.kind for one in peopled.state.calls.values() if one.planned.kind == "brigade"] == ["brigade"]


# ---- opened by hand


@pytest.mark.parametrize("source", ["119", "phone", "patrol", "resident", "leader"])
def test_a_report_by_hand_calls_a_crew_leader_and_who_verifies_like_a_detector(peopled: Story, source: str) -> None:
    assert _report(peopled, source=source) is None
    assert [one[:2] for one in peopled.told()] == [
        ("station:ST-1", "respond"),
        ("person:L-3", "attend"),
        ("person:W-2", "verify"),
    ]
    assert peopled.incident().severity == 3


def test_floor_and_room_that_a_caller_said_are_on_every_order_and_in_the_words_for_119(peopled: Story) -> None:
    assert _report(peopled, floor=5, room="503", source="patrol", confirmed=True) is None
    orders = [view.order(peopled.state, peopled.registry, one) for one in peopled.state.orders.values()]
    assert {(one["place"]["floor"], one["place"]["room"]) for one in orders} == {(5, "503")}
    told = view.incident(peopled.state, peopled.registry, peopled.incident())["brigade"]["wording"]
    assert told["zh"]["part"] == "部位：5 层503"


@pytest.mark.parametrize(
    "told", [{"floor": 2.5}, {"floor": True}, {"floor": 201}, {"room": "Mr Wang's"}, {"room": "1" * 13}]
)
def test_a_floor_that_is_none_and_a_room_in_free_words_are_refused(peopled: Story, told: dict[str, object]) -> None:
    refused = _report(peopled, **told)
    assert refused is not None
    assert "must be" in refused
    assert not peopled.state.incidents


@pytest.mark.parametrize(("source", "taken"), [("patrol", True), ("leader", True), ("119", True), ("phone", False)])
def test_who_has_seen_it_may_say_that_it_is_confirmed(peopled: Story, source: str, *, taken: bool) -> None:
    refused = _report(peopled, source=source, confirmed=True)
    assert (refused is None) is taken
    if taken:
        assert (peopled.incident().verification, peopled.incident().severity) == ("confirmed", 4)
        assert not [one for one in peopled.told() if one[1] == "verify"]
        assert len(_crews(peopled)) == 4


# ---- nobody answers, day and night


def test_at_night_trouble_does_not_climb_and_a_fire_does(small_registry: Registry) -> None:
    story = Story(small_registry, now=MIDNIGHT)
    story.reading("E-1", residual_ma=400.0)
    story.pass_time(60)
    assert ("person:C-1", "rectify", "not_acknowledged") in story.told()
    assert not [one for one in story.told() if one[2] == "escalated"]
    story.event("fire", "S-4")
    story.pass_time(60)
    assert [one for one in story.told() if one[2] == "escalated"] == [("person:L-2", "inform", "escalated")]


def test_the_deputy_is_asked_before_anybody_above(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "turn_out")
    story.pass_time(60)
    assert story.told()[2:] == [("person:D-3", "attend", "not_acknowledged")]
    story.pass_time(60)
    assert story.told()[3:] == [("person:L-2", "inform", "escalated")]


def test_nobody_is_called_once_enough_are_coming(story: Story) -> None:
    story.event("fire", "S-4")
    for recipient in ("station:ST-1", "person:L-3"):
        story.press(recipient, "acknowledge")
    story.press("station:ST-1", "turn_out")
    for _ in range(20):
        story.event("fire", "S-4")
        story.pass_time(30)
    assert len(_crews(story)) == 1


# ---- what stands in the ledger


def test_a_ledger_of_before_folds_and_its_orders_count_as_one_person_each(story: Story) -> None:
    story.event("fire", "S-4")
    about = Incident(
        **{
            name: getattr(story.incident(), name)
            for name in ("id", "kind", "source", "severity", "place", "lon", "lat")
        },
        grid="G3-1",
        opened_at=NOON,
        last_alarm_at=NOON,
        orders=story.incident().orders,
    )
    story.state.incidents[about.id] = about
    first = story.orders()[0]
    old = replace_struct(first, drafted=replace_struct(first.drafted, crew=None, tier=None, rules=()))
    story.state.orders[first.id] = old
    story.turn(lambda turn: turn.call(about, pressing.Reason.STRENGTH))
    assert len(_crews(story)) == 1


def replace_struct(one: Any, **changes: Any) -> Any:
    from msgspec.structs import replace as replaced  # noqa: PLC0415

    return replaced(one, **changes)


def test_the_fold_of_the_entries_is_the_state_after_every_path(peopled: Story) -> None:
    peopled.event("fire", "S-1")
    peopled.press("person:K-1", "confirm_fire")
    peopled.press("station:ST-1", "acknowledge")
    peopled.pass_time(61)
    peopled.press("station:ST-2", "arrive")
    peopled.press("station:ST-2", "request_help", {"people": 3})
    peopled.press("control_room:P-1", "report_brigade")
    about = peopled.incident()
    peopled.turn(lambda turn: pressing.stand_down(turn, COMMAND, about))
    again = State()
    for entry in peopled.entries:
        fold.apply(again, entry)
    assert again == peopled.state
