"""What the desk decides, told as small stories against a district whose every distance is known."""

from datetime import timedelta

import pytest
from stories import MIDNIGHT, NOON, Story

from devices.registry import Registry
from dispatch import escalation
from dispatch.facts.actor import Actor
from dispatch.facts.order import OrderEvent, OrderKind, OrderState
from dispatch.policy.policy import Policy
from dispatch.presses import pressing
from dispatch.state import fold
from dispatch.state.state import State


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def test_a_fire_calls_the_soonest_station_and_the_small_grids_leader(story: Story) -> None:
    story.event("fire", "S-4")
    assert story.told() == [("station:ST-1", "respond", "soonest"), ("person:L-3", "attend", "leader")]
    order = story.orders()[0].drafted
    assert order.eta_s == 30 + 100
    assert order.priority == 1
    assert order.acknowledge_by == NOON + timedelta(seconds=60)
    assert order.arrive_by == NOON + timedelta(seconds=180)
    assert [(one.station, one.verdict) for one in order.candidates] == [
        ("BR-1", "reported_to"),
        ("ST-1", "free"),
        ("ST-2", "free"),
        ("ST-3", "free"),
        ("ST-U", "free"),
    ]


def test_a_units_own_station_is_always_called_beside_the_soonest(story: Story) -> None:
    story.event("fire")
    assert story.told()[:2] == [("station:ST-U", "respond", "own_unit"), ("station:ST-1", "respond", "soonest")]


def test_a_brigade_is_never_ordered_though_it_is_nearest(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(600)
    assert not any(one.drafted.recipient == "station:BR-1" for one in story.orders())


def test_a_station_off_duty_is_passed_over(story: Story) -> None:
    story.now = MIDNIGHT
    story.event("fire", "S-4")
    story.press("station:ST-1", "decline", {"reason": "no_crew"})
    assert story.told()[-1] == ("station:ST-3", "respond", "declined")


def test_alarms_of_one_place_are_one_incident_and_call_nobody_twice(story: Story) -> None:
    story.event("fire", "S-1")
    before = len(story.orders())
    story.event("fire", "S-2")
    assert len(story.orders()) == before
    story.event("fire", "S-3")
    assert len(story.incident().alarms) == 3
    assert story.incident().severity == 4
    asked = [one[0] for one in story.told()]
    assert len(asked) == len(set(asked))


def test_a_second_alarm_after_the_window_is_an_incident_of_its_own(story: Story) -> None:
    story.event("fire", "S-1")
    story.now += Policy().join_window + timedelta(seconds=1)
    story.event("fire", "S-3")
    assert len(story.state.incidents) == 2


def test_a_busy_station_is_passed_over_and_when_all_are_busy_the_soonest_is_stacked(story: Story) -> None:
    for device, place in (("S-4", "P-2"), ("S-1", "P-1"), ("E-1", "P-1")):
        story.event("fire", device)
        assert place in {one.place for one in story.state.incidents.values()}
    actor = Actor("command", "command:main")
    for _ in range(3):
        request = {"kind": "fire", "source": "119", "place": "P-3"}
        story.turn(lambda turn, request=request: pressing.open_by_hand(turn, actor, request, None))
    responds = [one for one in story.told() if one[1] == "respond"]
    assert ("station:ST-1", "respond", "stacked") in responds
    assert [one[0] for one in responds if one[2] != "stacked"] == [
        "station:ST-1",
        "station:ST-U",
        "station:ST-2",
        "station:ST-3",
    ]


def test_nobody_acknowledges_so_the_next_station_and_the_leader_above_are_called(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(59)
    assert len(story.orders()) == 2
    story.pass_time(1)
    assert story.told()[2:] == [
        ("station:ST-2", "respond", "not_acknowledged"),
        ("person:L-2", "inform", "escalated"),
        ("person:D-3", "attend", "not_acknowledged"),
    ]
    assert {one.state for one in story.orders()[:2]} == {OrderState.LAPSED}
    story.pass_time(60)
    assert ("person:L-1", "inform", "escalated") in story.told()


def test_a_crew_that_has_turned_out_and_a_leader_who_has_acknowledged_are_left_in_peace(story: Story) -> None:
    story.event("fire", "S-4")
    assert story.press("station:ST-1", "acknowledge") is None
    assert story.press("person:L-3", "acknowledge") is None
    story.pass_time(59)
    assert story.press("station:ST-1", "turn_out") is None
    story.pass_time(3600)
    assert len(story.orders()) == 2


def test_with_no_station_left_command_is_told(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(600)
    assert "nobody_left" in {one.code for one in story.incident().warnings}


def test_a_station_without_a_screen_is_ordered_all_the_same_and_command_is_told(story: Story) -> None:
    story.screens = lambda _recipient: 0
    story.event("fire", "S-4")
    assert story.told()[0][0] == "station:ST-1"
    assert [(one.code, one.recipient) for one in story.incident().warnings] == [("no_screen", "station:ST-1")]


def test_an_electrical_alarm_goes_to_the_manager_and_the_leader_and_clears_below_its_level(story: Story) -> None:
    story.reading("E-1", residual_ma=300.0)
    assert story.told() == [("person:M-1", "rectify", "manager"), ("person:L-3", "inform", "leader")]
    assert {one.drafted.priority for one in story.orders()} == {2}
    story.now += timedelta(seconds=60)
    story.reading("E-1", residual_ma=299.0)
    assert [one.state for one in story.state.alarms.values()] == ["cleared"]


def test_a_place_without_manager_or_contractor_falls_to_the_leader(story: Story) -> None:
    story.reading("E-3", residual_ma=500.0)
    assert story.told() == [("person:L-2", "rectify", "no_manager")]


def test_an_unanswered_rectify_goes_to_the_contractor(story: Story) -> None:
    story.reading("E-1", residual_ma=300.0)
    story.pass_time(60)
    assert ("person:C-1", "rectify", "not_acknowledged") in story.told()
    assert ("person:L-2", "inform", "escalated") in story.told()


def test_a_restored_fire_waits_for_a_persons_reset(story: Story) -> None:
    story.event("fire")
    story.now += timedelta(seconds=5)
    story.event("fire_restore")
    (alarm,) = story.state.alarms.values()
    assert alarm.state == "restored"
    actor = Actor("command", "command:main")
    assert story.turn(lambda turn: pressing.act_on_alarm(turn, actor, alarm, "reset", None)) is None
    assert story.state.alarms[alarm.id].state == "cleared"
    assert story.state.watched() == set()


def test_a_clear_older_than_its_raise_is_ignored(story: Story) -> None:
    story.event("fire")
    story.event("fire_restore", ts=NOON - timedelta(seconds=1))
    (alarm,) = story.state.alarms.values()
    assert alarm.state == "active"


def test_a_late_fire_opens_all_the_same_and_its_orders_say_so(story: Story) -> None:
    story.event("fire", ts=NOON - timedelta(hours=3), flags=("late",))
    assert story.orders()[0].drafted.late


def test_a_new_fire_after_a_false_alarm_calls_again_though_nobody_reset(story: Story) -> None:
    story.event("fire", "S-4")
    actor = Actor("command", "command:main")
    about = story.incident()
    assert story.turn(lambda turn: pressing.give_verdict(turn, actor, about, {"verdict": "false"}, None)) is None
    assert not story.incident().open
    story.now += timedelta(minutes=5)
    story.event("fire", "S-4")
    assert len(story.state.incidents) == 2
    assert story.told()[-2:] == [("station:ST-1", "respond", "soonest"), ("person:L-3", "attend", "leader")]


def test_an_unregistered_device_alarms_at_the_gateways_place(story: Story) -> None:
    story.event("manual_call", "UNKNOWN-1", flags=("unregistered",))
    assert story.incident().place == "P-1"
    assert story.told()[0][0] == "station:ST-U"


def test_a_drill_counts_only_while_open_and_for_its_devices(story: Story) -> None:
    actor = Actor("admin", "admin:")
    story.turn(lambda turn: pressing.open_drill(turn, actor, {"scenario": "kitchen-fire", "devices": ["S-4"]}))
    story.event("fire", "S-4", drill="D-000001")
    story.event("fire", "S-1", drill="D-000001")
    story.event("fire", "S-4")
    drills = [one.drill for one in story.state.incidents.values()]
    assert drills == ["D-000001", None, None]
    assert {one.drafted.drill for one in story.orders() if one.drafted.incident == "I-000001"} == {"D-000001"}


def test_found_false_stands_down_whoever_is_not_there_and_closes_when_the_rest_is_back(story: Story) -> None:
    story.event("fire")
    story.press("station:ST-U", "acknowledge")
    story.press("station:ST-U", "arrive")
    actor, about = Actor("command", "command:main"), story.incident()
    story.turn(lambda turn: pressing.give_verdict(turn, actor, about, {"verdict": "false", "cause": "cooking"}, None))
    assert [one.state for one in story.orders()] == ["arrived", "cancelled", "cancelled"]
    assert story.incident().open
    story.press("station:ST-U", "close")
    assert not story.incident().open


def test_of_two_who_press_at_once_the_second_is_told_who_was_first_and_what_there_is_now(story: Story) -> None:
    story.event("fire", "S-4")
    assert story.press("station:ST-1", "acknowledge", {"person": "C-1"}) is None
    now = "decline, turn_out, arrive, control, confirm_fire, report_false, request_help"
    first = "person:C-1" if "C-1" in story.registry.people else "station:ST-1"
    assert story.press("station:ST-1", "acknowledge") == (
        f"{first} was first: the order has been acknowledged since 12:00:00; now there is {now}"
    )
    story.press("station:ST-1", "decline", {"reason": "crew_out"})
    assert story.press("station:ST-1", "turn_out") == (
        "turn_out is not allowed while the order is declined; there is nothing more to press"
    )


def test_a_press_on_the_wrong_state_is_a_sentence_and_changes_nothing(story: Story) -> None:
    story.event("fire", "S-4")
    before = len(story.entries)
    assert story.press("station:ST-1", "close") == (
        "close is not allowed while the order is drafted; now there is acknowledge, decline, turn_out, arrive, control"
    )
    assert story.press("station:ST-1", "dance") is not None
    assert story.press("station:ST-1", "decline") is not None
    assert len(story.entries) == before


def test_asking_for_help_calls_the_next_station(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "request_help")
    assert story.told()[-1] == ("station:ST-2", "respond", "help_requested")


def test_frames_are_numbered_without_gaps_and_sent_and_delivered_cause_none_to_their_own(story: Story) -> None:
    story.event("fire", "S-4")
    order = story.orders()[0]
    for event in (OrderEvent.SEND, OrderEvent.DELIVER):
        story.now += timedelta(seconds=2)
        story.turn(lambda turn, event=event: turn.change(turn.state.orders[order.id], event))
    story.press("station:ST-1", "acknowledge")
    numbers: dict[str, list[int]] = {}
    for entry in story.entries:
        for frame in entry.content.frames:
            numbers.setdefault(frame.recipient, []).append(frame.seq)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert numbers["station:ST-1"] == [1, 2]
    assert story.state.orders[order.id].frame == 1


def test_command_hears_of_one_incident_at_most_once_a_second(story: Story) -> None:
    for number in range(20):
        story.event("fire", f"U-{number}", flags=("unregistered",))
        story.now += timedelta(milliseconds=100)
    frames = [one for entry in story.entries for one in entry.content.frames if one.recipient == "command:main"]
    assert len(frames) == 2
    assert escalation.frames_owed(story.state, Policy(), story.now + timedelta(seconds=1))


def test_a_crew_hears_of_further_detectors_at_most_once_a_second_and_of_its_own_order_at_once(story: Story) -> None:
    for number in range(20):
        story.event("fire", f"U-{number}", flags=("unregistered",))
    own = story.orders()[0].id

    def frames() -> int:
        return sum(one.subject == own for entry in story.entries for one in entry.content.frames)

    assert frames() == 1
    assert own in story.state.untold
    story.press("station:ST-U", "acknowledge")
    assert frames() == 2
    story.event("fire", "S-1")
    story.now += timedelta(seconds=1)
    assert escalation.frames_owed(story.state, Policy(), story.now)
    story.turn(lambda _: None, owed=True)
    assert frames() == 3
    assert own not in story.state.untold


def test_the_fold_of_the_entries_is_the_state(story: Story) -> None:
    story.event("fire", "S-4")
    story.reading("E-1", residual_ma=400.0)
    story.press("station:ST-1", "acknowledge")
    story.pass_time(61)
    story.event("fire_restore", "S-4")
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again == story.state
    assert again.last_entry == len(story.entries)


def test_entries_hold_no_names_phones_or_free_text(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge", {"person": "W-1", "remark": "door code 12 34", "people": 3})
    written = b"".join(entry.body for entry in story.entries)
    assert b"name of" not in written
    assert b"000-" not in written.replace(b"0000", b"")
    assert b"door code" not in written
    assert b'"people":3' in written


def test_orders_of_kind_inform_end_quietly_when_nobody_answers(story: Story) -> None:
    story.reading("E-1", residual_ma=400.0)
    story.press("person:M-1", "acknowledge")
    story.pass_time(120)
    informs = [one for one in story.orders() if one.drafted.kind is OrderKind.INFORM]
    assert [(one.drafted.recipient, one.state) for one in informs] == [("person:L-3", OrderState.LAPSED)]


def test_a_leader_who_declines_is_followed_by_the_deputy_and_then_by_the_leader_above(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("person:L-3", "decline", {"reason": "too_far"})
    assert story.told()[-1] == ("person:D-3", "attend", "declined")
    story.press("person:D-3", "decline", {"reason": "too_far"})
    assert story.told()[-1] == ("person:L-2", "inform", "escalated")
