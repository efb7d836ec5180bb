"""Who is at a station: rosters, handovers, and duty checks that demote but do not remove."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import NOON, Story

from devices.model import Duty, DutyKind, Person, Shift
from devices.registry import Registry
from dispatch import escalation
from dispatch.calling import presence
from dispatch.choosing import standing
from dispatch.choosing.standing import Standing
from dispatch.duty import duty, outcall
from dispatch.facts.actor import Actor
from dispatch.facts.fact import DutyCheckAnswered, DutyCheckMissed, DutyCheckSent, HandedOver
from dispatch.facts.order import OrderEvent
from dispatch.policy.policy import Policy
from dispatch.presses import handover, pressing
from dispatch.state import fold
from dispatch.state.state import State
from dispatch.world import Webhooks

COMMAND = Actor("command", "command:main")
SCREEN = Actor("station", "station:ST-1")
SMS = Webhooks("http://sms.example/")
DAY = timedelta(hours=24)


def staffed(registry: Registry) -> Registry:
    """ST-1 has a chief and five crew and no roster; at ST-2 W-1 is on from 8 to 20 and N-1 from 20 to 8."""
    people = [Person(f"P{number}", f"p{number}", "000-5", "ST-1") for number in range(1, 6)]
    people += [Person("CH", "chief", "000-6", "ST-1"), Person("CH2", "chief", "000-7"), Person("N-1", "night", "000-8")]
    duties = [Duty("CH", DutyKind.CHIEF, "ST-1"), Duty("CH2", DutyKind.CHIEF, "ST-2")]
    nights = [Shift("ST-2", day, time(20), time(8), "N-1") for day in range(1, 8)]
    return replace(
        registry,
        people=registry.people | {one.code: one for one in people},
        duties=(*registry.duties, *duties),
        shifts=(*registry.shifts, *nights),
    )


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(staffed(small_registry), webhooks=SMS)


def of(story: Story, station: str = "ST-1") -> Standing:
    return standing.of(story.world(), story.state, story.registry.stations[station], story.now)


def take_over(story: Story, station: str, *people: str, actor: Actor | None = None, **more: Any) -> str | None:
    one = story.registry.stations[station]
    by = actor or Actor("station", f"station:{station}")
    request = {"people": list(people), **more}
    return story.turn(lambda turn: handover.hand_over(turn, by, one, request, "ref", None))


def check(story: Story, station: str = "ST-1") -> str | None:
    one = story.registry.stations[station]
    return story.turn(lambda turn: duty.send(turn, one, "asked", "command:main"))


def answer(story: Story, id: str, person: object = "P1", actor: Actor = SCREEN) -> str | None:
    one = story.state.checks[id]
    return story.turn(lambda turn: duty.answer(turn, actor, one, person, "ref-a"))


def facts(story: Story, *kinds: type) -> list[Any]:
    return [one for entry in story.entries for one in entry.content.facts if isinstance(one, kinds)]


def frames(story: Story) -> list[tuple[str, str]]:
    return [(one.recipient, one.subject) for entry in story.entries for one in entry.content.frames]


def missed(story: Story) -> Story:
    assert check(story) is None
    story.pass_time(600)
    return story


# ---- roster and handover


def test_without_a_roster_all_who_serve_are_the_crew_and_with_one_who_is_on_shift(story: Story) -> None:
    assert of(story) == Standing(on_duty=True, crew=6, people=("P1", "P2", "P3", "P4", "P5", "CH"))
    assert of(story, "ST-2") == Standing(on_duty=True, crew=1, people=("W-1",))
    story.now += timedelta(hours=10)
    assert of(story, "ST-2").people == ("N-1",)


def test_where_nobody_is_named_the_least_crew_is_assumed(story: Story) -> None:
    assert of(story, "ST-3") == Standing(on_duty=True, crew=4)


def test_who_took_over_is_the_crew_and_without_a_roster_for_a_day(story: Story) -> None:
    assert take_over(story, "ST-1", "P1", "P2", handed_by="CH", items=["key", "radio-1"]) is None
    assert of(story) == Standing(on_duty=True, crew=2, people=("P1", "P2"))
    story.now += DAY - timedelta(seconds=1)
    assert of(story).crew == 2
    story.now += timedelta(seconds=1)
    assert of(story).crew == 6


def test_the_next_handover_ends_the_one_before(story: Story) -> None:
    take_over(story, "ST-1", "P1", "P2")
    take_over(story, "ST-1", "P3")
    assert of(story).people == ("P3",)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (NOON, NOON + timedelta(hours=8)),  # the day's shift ends at eight
        (NOON + timedelta(hours=6, minutes=59), NOON + timedelta(hours=8)),
        (NOON + timedelta(hours=7, minutes=10), NOON + timedelta(hours=20)),  # within the hour: the night's crew
        (NOON + timedelta(hours=8, minutes=5), NOON + timedelta(hours=20)),
    ],
)
def test_with_a_roster_they_are_until_their_shift_ends(story: Story, at: datetime, until: datetime) -> None:
    story.now = at
    take_over(story, "ST-2", "N-1")
    watch = story.state.posts["ST-2"].watch
    assert watch is not None
    assert watch.until == until


def test_somebody_who_takes_over_a_station_off_duty_puts_it_on_duty(small_registry: Registry) -> None:
    story = Story(small_registry, now=NOON + timedelta(hours=10))
    assert not of(story, "ST-2").on_duty
    take_over(story, "ST-2", "W-1")
    assert of(story, "ST-2").on_duty


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"people": []}, "people must be a list of 1 to 50"),
        ({"people": "P1"}, "people must be a list"),
        ({"people": ["P1"] * 51}, "people must be a list"),
        ({"people": ["P1", "W-1"]}, "W-1: not on the roster of ST-1, nor serving there"),
        ({"people": ["P1"], "handed_by": "nobody"}, "handed_by must be the code"),
        ({"people": ["P1"], "items": ["the big key"]}, "items must be a list"),
        ({"people": ["P1"], "items": 3}, "items must be a list"),
    ],
)
def test_a_handover_that_cannot_be_is_refused_with_a_reason(story: Story, request_: dict[str, Any], why: str) -> None:
    station = story.registry.stations["ST-1"]
    said = story.turn(lambda turn: handover.hand_over(turn, SCREEN, station, request_, "ref", None))
    assert said is not None
    assert said.startswith(why)
    assert story.entries == []


def test_a_handover_stands_in_the_ledger_by_codes(story: Story) -> None:
    take_over(story, "ST-1", "P1", "P1", "P2", handed_by="CH", items=["key"])
    (one,) = facts(story, HandedOver)
    assert (one.people, one.handed_by, one.items) == (("P1", "P2"), "CH", ("key",))
    assert (one.by, one.note) == (SCREEN.recipient, None)
    assert story.state.refs["station:ST-1 ref"].order == "ST-1"


def test_only_officers_on_watch_are_called(story: Story) -> None:
    station = story.registry.stations["ST-1"]
    assert standing.officers(story.world(), story.state, station, story.now) == ["CH"]
    take_over(story, "ST-1", "P1", handed_by="CH")
    assert standing.officers(story.world(), story.state, station, story.now) == []


# ---- duty checks


def test_a_check_goes_to_the_stations_screens_and_has_ten_minutes(story: Story) -> None:
    assert check(story) is None
    (sent,) = facts(story, DutyCheckSent)
    assert sent == DutyCheckSent(
        check="Q-000001", station="ST-1", answer_by=NOON + timedelta(minutes=10), reason="asked", by="command:main"
    )
    assert frames(story) == [("station:ST-1", "Q-000001")]
    assert story.state.calls == {}
    assert not of(story).demoted


def test_an_answer_in_time_is_a_persons_and_is_told_to_who_asked(story: Story) -> None:
    check(story)
    story.pass_time(599)
    assert answer(story, "Q-000001") is None
    story.pass_time(2)
    (one,) = facts(story, DutyCheckAnswered)
    assert (one.by, one.via, one.late) == ("person:P1", "answer", False)
    assert facts(story, DutyCheckMissed) == []
    assert frames(story)[1:] == [("station:ST-1", "Q-000001"), ("command:main", "Q-000001")]
    assert "duty_check_over Q-000001" not in story.state.timers


@pytest.mark.parametrize("person", [None, "", 3, "L-3", "nobody"])
def test_nobody_else_answers_for_a_station(story: Story, person: object) -> None:
    check(story)
    said = answer(story, "Q-000001", person)
    assert said is not None
    assert said.startswith("a person answers")


def test_where_nobody_is_registered_the_screen_answers(story: Story) -> None:
    check(story, "ST-3")
    screen = Actor("station", "station:ST-3")
    assert answer(story, "Q-000001", None, screen) is None
    assert story.state.checks["Q-000001"].answered_by == "station:ST-3"


def test_who_misses_a_check_is_demoted_its_chief_and_command_are_told(story: Story) -> None:
    missed(story)
    stands = of(story)
    assert (stands.on_duty, stands.crew, stands.demoted) == (True, 6, True)
    assert frames(story)[1:] == [("station:ST-1", "Q-000001"), ("command:main", "Q-000001")]
    (call,) = story.state.calls.values()
    assert (call.planned.kind, call.planned.subject, call.planned.recipient) == ("off_post", "Q-000001", "person:CH")
    told = outcall.ring(story.world(), story.state, call)
    assert told.wanted
    assert "脱岗" in msgspec.json.decode(told.body)["text"]["zh"]
    assert msgspec.json.decode(told.body)["station"] == "ST-1"


def test_a_demoted_station_that_would_be_sooner_is_ordered_beside_the_one_taken_instead(story: Story) -> None:
    missed(story)
    story.event("fire", "S-4")
    assert story.told()[:2] == [("station:ST-2", "respond", "soonest"), ("station:ST-1", "respond", "unchecked")]
    candidates = story.orders()[0].candidates
    assert [one.station for one in candidates if one.verdict == "free"][-1] == "ST-1"


def called_by_hand(story: Story) -> str:
    """An incident with an order to ST-1, wherever it is ranked; the order's id."""
    request = {"kind": "fire", "source": "119", "place": "P-2"}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    about = story.incident()
    if not any(one.drafted.recipient == "station:ST-1" for one in story.orders()):
        story.turn(lambda turn: pressing.call(turn, COMMAND, about, "station:ST-1"))
    return next(one.id for one in reversed(story.orders()) if one.drafted.recipient == "station:ST-1")


def by_answering(story: Story) -> None:
    check(story)
    answer(story, "Q-000002")


def by_answering_late(story: Story) -> None:
    assert answer(story, "Q-000001") is None


def by_pressing(story: Story) -> None:
    called_by_hand(story)
    assert story.press("station:ST-1", "acknowledge") is None


def by_taking_over(story: Story) -> None:
    assert take_over(story, "ST-1", "P1") is None


@pytest.mark.parametrize("press", [by_answering, by_answering_late, by_pressing, by_taking_over])
def test_whatever_somebody_there_presses_ends_it(story: Story, press: Callable[[Story], None]) -> None:
    missed(story)
    story.pass_time(60)
    press(story)
    assert not of(story).demoted
    (chief, *_) = story.state.calls.values()
    assert not outcall.needed(story.state, chief)
    assert story.state.checks["Q-000001"].state == "missed"


def test_a_delivery_or_a_lapse_is_no_sign_of_a_person(story: Story) -> None:
    missed(story)
    order = called_by_hand(story)
    story.turn(lambda turn: turn.change(turn.state.orders[order], OrderEvent.DELIVER))
    story.pass_time(61)
    assert story.state.orders[order].state == "lapsed"
    assert of(story).demoted


def test_command_that_takes_a_station_over_by_telephone_proves_nobodys_presence(story: Story) -> None:
    missed(story)
    take_over(story, "ST-1", "P1", actor=COMMAND)
    assert of(story).demoted


def test_who_pressed_meanwhile_has_answered(story: Story) -> None:
    check(story)
    story.pass_time(30)
    by_pressing(story)
    story.pass_time(600)
    assert story.state.checks["Q-000001"].via == "press"
    assert not of(story).demoted


def test_a_crew_that_is_out_is_not_missed(story: Story) -> None:
    by_pressing(story)
    assert story.press("station:ST-1", "turn_out") is None
    story.pass_time(300)
    check(story)
    story.pass_time(600)
    assert story.state.checks["Q-000001"].via == "engaged"
    assert not of(story).demoted


def test_a_station_without_a_screen_is_told_by_webhook_too(story: Story) -> None:
    story.screens = lambda _recipient: 0
    check(story)
    assert [one.planned.recipient for one in story.state.calls.values()] == ["station:ST-1", "person:CH"]
    assert {one.planned.kind for one in story.state.calls.values()} == {"duty_check"}
    answer(story, "Q-000001")
    assert not any(outcall.needed(story.state, one) for one in story.state.calls.values())


def test_what_is_not_checked(story: Story) -> None:
    story.now += timedelta(hours=10)
    story.registry = replace(story.registry, shifts=tuple(one for one in story.registry.shifts if one.person != "N-1"))
    assert "off duty" in str(check(story, "ST-2"))
    assert "brigade" in str(check(story, "BR-1"))
    assert check(story) is None
    assert "not been answered yet" in str(check(story))
    assert answer(story, "Q-000001") is None
    assert "answered already" in str(answer(story, "Q-000001"))


def test_if_no_chief_is_on_duty_the_first_is_told_all_the_same(story: Story) -> None:
    assert duty.chiefs(story.world(), story.state, "ST-2", story.now) == ["CH2"]
    assert duty.chiefs(story.world(), story.state, "ST-3", story.now) == []


def test_coverage_wants_a_screen_and_an_answer_of_the_last_day(story: Story) -> None:
    station = story.registry.stations["ST-1"]

    def covered() -> bool:
        return standing.covered(story.world(), story.state, station, story.now)

    assert not covered()
    check(story)
    answer(story, "Q-000001")
    assert covered()
    story.screens = lambda _recipient: 0
    assert not covered()
    story.screens = lambda _recipient: 1
    story.now += DAY
    assert not covered()


def test_a_watch_says_who_is_on_and_who_comes_next(story: Story) -> None:
    take_over(story, "ST-2", "W-1", handed_by="N-1", items=["key"])
    shown = presence.watch(story.world(), story.state, story.registry.stations["ST-2"], story.now)
    assert shown["people"] == ["W-1"]
    assert shown["taken_over"] == {
        "since": "2026-11-21T12:00:00.000Z",
        "until": "2026-11-21T20:00:00.000Z",
        "handed_by": "N-1",
        "items": ["key"],
    }
    assert shown["next_shift"] == {"at": "2026-11-21T20:00:00.000Z", "people": ["N-1"]}
    assert (shown["last_check"], shown["demoted"], shown["covered"]) == (None, False, False)


# ---- by schedule


def scheduled(registry: Registry, every: timedelta) -> Story:
    return Story(staffed(registry), webhooks=SMS, policy=Policy(check_every=every))


def test_without_a_policy_nobody_is_checked_by_schedule(story: Story) -> None:
    for _ in range(30):
        story.now += timedelta(hours=1)
        story.tick()
    assert facts(story, DutyCheckSent) == []


def test_by_schedule_each_station_is_checked_once_in_each_stretch(small_registry: Registry) -> None:
    story = scheduled(small_registry, timedelta(hours=12))
    story.now = datetime(2026, 11, 21, 0, 0, 30, tzinfo=UTC)
    for _ in range(4 * 24 * 12):
        story.tick()
        story.now += timedelta(minutes=5)
    sent = facts(story, DutyCheckSent)
    count = {code: sum(one.station == code for one in sent) for code in story.registry.stations}
    assert count == {"ST-1": 8, "ST-2": 8, "ST-3": 8, "ST-U": 8, "BR-1": 0}
    assert {one.reason for one in sent} == {"scheduled"}
    assert len({(one.answer_by.hour, one.answer_by.minute) for one in sent if one.station == "ST-1"}) > 4


def test_what_fell_into_a_long_stop_is_not_asked_all_at_once(small_registry: Registry) -> None:
    story = scheduled(small_registry, timedelta(hours=2))
    story.tick()
    story.now += timedelta(days=3)
    story.tick()
    assert len(facts(story, DutyCheckSent)) <= 2
    for _ in range(250):
        story.now += timedelta(minutes=1)
        story.tick()
    assert {one.station for one in facts(story, DutyCheckSent)} == {"ST-1", "ST-2", "ST-3", "ST-U"}


def test_a_crew_that_is_out_is_not_checked_by_schedule(small_registry: Registry) -> None:
    story = scheduled(small_registry, timedelta(hours=2))
    by_pressing(story)
    story.press("station:ST-1", "turn_out")
    for _ in range(130):
        story.now += timedelta(minutes=1)
        story.tick()
    assert "ST-1" not in {one.station for one in facts(story, DutyCheckSent)}


def test_a_schedule_that_was_ended_ends(small_registry: Registry) -> None:
    story = scheduled(small_registry, timedelta(hours=2))
    story.tick()
    assert "duty_round all" in story.state.timers
    story.policy = Policy()
    story.now += timedelta(hours=3)
    story.tick()
    assert "duty_round all" not in story.state.timers
    assert not [one for one in escalation.due(story.state, story.policy, story.now) if one.kind == "duty_round"]


@given(
    st.text("ABST-0123456789", min_size=1, max_size=8),
    st.integers(1, 72),
    st.integers(1_600_000_000, 2_200_000_000),
)
def test_moments_follow_one_another_one_in_each_stretch(station: str, hours: int, at: int) -> None:
    every, found = timedelta(hours=hours), [datetime.fromtimestamp(at, UTC)]
    for _ in range(6):
        found.append(duty.moment(station, every, found[-1]))
    gaps = [later - earlier for earlier, later in pairwise(found[1:])]
    assert found[1] > found[0]
    assert all(timedelta(0) < gap < 2 * every for gap in gaps)
    assert found[-1] - found[1] < 6 * every


def test_moments_of_many_stations_are_spread() -> None:
    moments = [duty.moment(f"ST-{number:05}", timedelta(hours=12), NOON) for number in range(2000)]
    hours = [int((one - NOON) / timedelta(hours=1)) for one in moments]
    assert max(hours.count(hour) for hour in set(hours)) < 400


# ---- ledger


def test_it_all_survives_in_the_ledger_and_in_a_snapshot(story: Story) -> None:
    take_over(story, "ST-1", "P1", items=["key"])
    missed(story)
    check(story)
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again == story.state
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(again), type=State) == again


def test_old_checks_are_forgotten_but_for_each_stations_last(story: Story) -> None:
    for _ in range(3):
        check(story)
        story.pass_time(700)
    check(story, "ST-3")
    later = story.now + timedelta(days=2)
    fold.forget(story.state, lambda _: True, later, later)
    assert set(story.state.checks) == {"Q-000003", "Q-000004"}
    assert set(story.state.told) == {"Q-000003", "Q-000004"}
