"""Verdicts with their causes, the report of a real fire, and false alarms that become somebody's task."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import NOON, Story

from devices.registry import Registry
from dispatch.alarms import joining
from dispatch.facts.actor import Actor
from dispatch.facts.kind import MAINTENANCE
from dispatch.facts.order import OrderState
from dispatch.policy.policy import Policy, Span
from dispatch.presses import pressing
from dispatch.state import finding, fold, upkeep
from dispatch.state.state import Incident, State
from dispatch.views import view

COMMAND = Actor("command", "command:main")
WHOLE = {
    "dead": 0,
    "injured": 1,
    "rescued": 2,
    "evacuated": 30,
    "area_m2": 3.5,
    "put_out_by": "station",
    "handed_over_to": "brigade",
    "watched_until": "2026-11-21T20:00:00+08:00",
    "returned_at": "2026-11-21T12:00:00Z",
}


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _verdict(story: Story, verdict: str, cause: str | None = None, id: str = "I-000001", **outcome: Any) -> str | None:
    about = story.state.incidents[id]
    request = {"verdict": verdict, "cause": cause, "outcome": outcome or None}
    return story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, request, None))


def _report(story: Story, cause: str | None = None, **outcome: Any) -> str | None:
    about, request = story.state.incidents["I-000001"], {"outcome": outcome, "cause": cause}
    return story.turn(lambda turn: pressing.report_outcome(turn, COMMAND, about, request, None))


def _shown(story: Story, id: str = "I-000001") -> dict[str, Any]:
    return view.incident(story.state, story.registry, story.state.incidents[id])


def _false(story: Story, device: str = "S-4", cause: str = "cooking") -> None:
    """The device alarms and is found false; its incident is closed."""
    story.event("fire", device)
    latest = list(story.state.incidents)[-1]
    assert _verdict(story, "false", cause, latest) is None
    assert not story.state.incidents[latest].open
    story.now += timedelta(minutes=10)


def _tasks(story: Story) -> list[Incident]:
    return [one for one in story.state.incidents.values() if one.kind == MAINTENANCE]


# ---- causes


@pytest.mark.parametrize(
    ("kind", "verdict", "good", "bad"),
    [
        ("fire", "false", "steam", "arson"),
        ("fire", "real", "e_bike", "steam"),
        ("manual", "real", "cooking", "insects"),
        ("electrical", "real", "insulation", "smoking"),
        ("electrical", "false", "fault", "leakage"),
        ("maintenance", "real", "dust", "arson"),
    ],
)
def test_a_cause_is_one_of_its_verdicts_or_refused_with_the_list(kind: str, verdict: str, good: str, bad: str) -> None:
    assert finding.cause_wrong(kind, verdict, good) is None
    assert finding.cause_wrong(kind, verdict, None) is None
    for wrong in (bad, "", 7, ["steam"]):
        said = str(finding.cause_wrong(kind, verdict, wrong))
        assert all(code in said for code in finding.causes(kind, verdict))


@pytest.mark.parametrize("verdict", ["test", "unfounded"])
def test_a_test_and_what_was_unfounded_have_no_cause(story: Story, verdict: str) -> None:
    story.event("fire", "S-4")
    assert "has no cause" in str(_verdict(story, verdict, "cooking"))
    assert story.incident().verdict is None
    assert _verdict(story, verdict) is None


# ---- the report of a real fire


def test_a_real_fire_says_what_its_report_lacks_until_it_lacks_nothing(story: Story) -> None:
    story.event("fire", "S-4")
    assert _shown(story)["report_missing"] == []
    assert _verdict(story, "real", dead=0) is None
    assert _shown(story)["report_missing"] == ["cause", *[one for one in finding.REPORT if one != "dead"]]
    assert _report(story, "e_bike", **{**WHOLE, "dead": 1}) is None
    assert _shown(story)["report_missing"] == []
    assert _shown(story)["outcome"] == {
        **WHOLE, "dead": 1, "watched_until": "2026-11-21T12:00:00.000Z", "returned_at": "2026-11-21T12:00:00.000Z",
    }  # fmt: skip
    assert _shown(story)["cause"] == "e_bike"


def test_a_report_is_completed_after_the_incident_was_closed(story: Story) -> None:
    story.event("fire", "S-4")
    for action in ("arrive", "close"):
        story.press("station:ST-1", action)
    story.press("person:L-3", "acknowledge")
    story.press("person:L-3", "close")
    _verdict(story, "real", "cooking", area_m2=2)
    assert not story.incident().open
    assert _shown(story)["report_missing"] == [
        "dead", "injured", "rescued", "evacuated", "put_out_by", "handed_over_to", "watched_until",
    ], "the crew's order says when it was back"  # fmt: skip
    assert _report(story, dead=0) is None
    assert _shown(story)["outcome"] == {"area_m2": 2, "dead": 0}
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again == story.state


def test_a_verdict_given_again_keeps_what_was_reported(story: Story) -> None:
    story.event("fire", "S-4")
    _verdict(story, "real", "smoking", dead=0)
    _verdict(story, "real", injured=1)
    assert (story.incident().cause, story.incident().outcome) == ("smoking", {"dead": 0, "injured": 1})
    _verdict(story, "false", "dust")
    assert (story.incident().cause, story.incident().outcome) == ("dust", None)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("dead", -1, "outcome.dead must be a whole number from 0"),
        ("dead", 1.5, "whole number"),
        ("dead", True, "whole number"),
        ("rescued", "two", "whole number"),
        ("area_m2", float("nan"), "square metres"),
        ("area_m2", float("inf"), "square metres"),
        ("put_out_by", "ST-1", "station, unit, brigade, occupants, sprinkler, itself"),
        ("put_out_by", ["station"], "station, unit"),
        ("handed_over_to", "nobody", "brigade, police"),
        ("returned_at", "yesterday", "cannot be read"),
        ("returned_at", "2026-11-21T12:00:00", "append Z"),
        ("returned_at", "2026-11-21T12:00:01Z", "and now"),
        ("returned_at", "2026-11-21T11:59:59Z", "between the incident's opening"),
        ("watched_until", "2026-11-29T12:00:00Z", "7 days from now"),
    ],
)
def test_a_report_that_cannot_be_is_refused(story: Story, name: str, value: object, says: str) -> None:
    story.event("fire", "S-4")
    assert says in str(_verdict(story, "real", **{name: value}))
    _verdict(story, "real")
    before = len(story.entries)
    assert says in str(_report(story, **{name: value}))
    assert len(story.entries) == before


def test_what_a_report_says_beside_is_kept_where_it_is_a_number_or_a_code(story: Story) -> None:
    story.event("fire", "S-4")
    _verdict(story, "real", burnt_m2=2, hose="H-1", words="the door was open", dead=None)
    assert story.incident().outcome == {"burnt_m2": 2, "hose": "H-1"}


def test_only_what_was_real_has_a_report_and_an_empty_one_says_what_is_missing(story: Story) -> None:
    story.event("fire", "S-4")
    assert "verdict real first" in str(_report(story, dead=0))
    _verdict(story, "real", "smoking")
    assert "still missing: dead, injured" in str(_report(story))
    assert "cause must be one of electrical" in str(_report(story, "dust"))


@given(
    st.dictionaries(
        st.sampled_from([*finding.REPORT, "other", "free words"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_whatever_is_said_is_a_sentence_or_fit_for_the_ledger(outcome: dict[str, Any]) -> None:
    read = finding.read(outcome, NOON, NOON)
    if isinstance(read, dict):
        assert msgspec.json.decode(msgspec.json.encode(read)) == read
        assert "free words" not in read


# ---- false alarms that repeat


def test_the_third_false_alarm_of_a_device_within_thirty_days_is_a_task_for_its_place(story: Story) -> None:
    _false(story, "S-1", "cooking")
    _false(story, "S-1", "steam")
    assert _tasks(story) == []
    since = story.state.false_alarms[upkeep.of_device("S-1")][0].at
    _false(story, "S-1", "cooking")
    (task,) = _tasks(story)
    assert (task.place, task.severity, task.source, task.grid) == ("P-1", 1, "false_alarms", "G3-1")
    (order,) = story.state.orders_of(task)
    assert (order.drafted.recipient, order.drafted.kind, order.drafted.priority) == ("person:M-1", "rectify", 4)
    assert order.drafted.acknowledge_by == order.drafted_at + timedelta(days=1)
    shown = view.order(story.state, story.registry, order)
    assert shown["maintenance"] == {
        "device": "S-1",
        "count": 3,
        "since": view._text(since),
        "causes": {"cooking": 2, "steam": 1},
    }


def test_what_was_false_of_late_is_told_by_device_and_by_place(story: Story) -> None:
    _false(story, "S-4", "dust")
    story.now += timedelta(days=20)
    for cause in ("cooking", "steam"):
        _false(story, "S-1", cause)
    assert [(one["noun"], one["code"], one["causes"]) for one in upkeep.told(story.state, Policy(), story.now)] == [
        ("device", "S-4", {"dust": 1}),
        ("place", "P-2", {"dust": 1}),
        ("device", "S-1", {"cooking": 1, "steam": 1}),
        ("place", "P-1", {"cooking": 1, "steam": 1}),
    ]
    story.now += timedelta(days=10)
    told = list(upkeep.told(story.state, Policy(), story.now))
    assert [(one["code"], one["count"], one["maintenance_at"]) for one in told] == [("S-1", 2, None), ("P-1", 2, None)]
    _false(story, "S-1")
    assert next(upkeep.told(story.state, Policy(), story.now))["maintenance_at"] is not None


def test_a_task_is_given_once_a_period_and_again_after_it(story: Story) -> None:
    for _ in range(5):
        _false(story, "S-1")
    assert len(_tasks(story)) == 1
    story.now += Policy().false_within
    for _ in range(3):
        _false(story, "S-1")
    assert len(_tasks(story)) == 2


def test_false_alarms_longer_ago_do_not_count(story: Story) -> None:
    for _ in range(4):
        _false(story, "S-1")
        story.now += timedelta(days=15)
    assert _tasks(story) == []


def test_more_than_five_false_alarms_of_a_place_in_a_day_are_a_task_whichever_device_it_was(story: Story) -> None:
    for device in ("S-1", "S-2", "S-3", "S-1", "S-2"):
        _false(story, device)
    assert _tasks(story) == []
    _false(story, "U-1")  # an unregistered one behind the place's gateway
    (task,) = _tasks(story)
    assert task.upkeep is not None
    assert (task.upkeep.device, task.upkeep.count) == (None, 6)


@pytest.mark.parametrize("verdict", ["real", "test", "unfounded"])
def test_only_false_alarms_count(story: Story, verdict: str) -> None:
    for _ in range(4):
        story.event("fire", "S-4")
        latest = list(story.state.incidents)[-1]
        about = story.state.incidents[latest]
        story.turn(lambda turn, about=about: pressing.stand_down(turn, COMMAND, about))
        _verdict(story, verdict, None, latest)
        story.now += timedelta(minutes=10)
    assert story.state.false_alarms == {}


def test_an_exercises_false_alarms_do_not_count(story: Story) -> None:
    request = {"scenario": "kitchen-fire", "devices": ["S-4"], "minutes": 5}
    for _ in range(4):
        story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
        drill = list(story.state.drills)[-1]
        story.event("fire", "S-4", drill=drill)
        _verdict(story, "false", None, list(story.state.incidents)[-1])
        played = story.state.drills[drill]
        story.turn(lambda turn, played=played: pressing.close_drill(turn, "clock", played))
    assert story.state.false_alarms == {}


def test_an_alarm_counts_when_its_incident_is_closed_not_while_a_crew_is_there(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    _verdict(story, "false", "cooking")
    assert story.state.false_alarms == {}
    story.press("station:ST-1", "close")
    assert set(story.state.false_alarms) == {"device S-4", "place P-2"}


def test_a_task_nobody_answers_goes_to_the_contractor_and_is_closed_by_who_checks_it(story: Story) -> None:
    for _ in range(3):
        _false(story, "S-1")
    (task,) = _tasks(story)
    story.now += timedelta(days=1)
    story.tick()
    told = [one.drafted.recipient for one in story.state.orders_of(story.state.incidents[task.id])]
    assert told[:2] == ["person:M-1", "person:C-1"]
    for one in story.state.open_orders():
        actor = Actor("person", one.drafted.recipient)
        for action in ("acknowledge", "close"):
            story.turn(
                lambda turn, order=one.id, who=actor, press=action: pressing.press(
                    turn, who, turn.state.orders[order], press, f"{order} {press}", None, None
                )
            )
    assert story.state.incidents[task.id].open
    assert _verdict(story, "real", "dust", task.id) is None
    assert not story.state.incidents[task.id].open
    assert len(_tasks(story)) == 1, "maintenance is no false alarm"


def _at_night(story: Story) -> Incident:
    """At 22:20 the third false alarm of a device has been found."""
    story.now = NOON.replace(hour=22)
    for _ in range(3):
        _false(story, "S-1")
    (task,) = _tasks(story)
    return task


def _asked_for(story: Story, task: Incident) -> list[str]:
    return [one.drafted.recipient for one in story.state.orders_of(story.state.incidents[task.id])]


def test_nobody_is_woken_for_maintenance(story: Story) -> None:
    task = _at_night(story)
    morning = NOON.replace(hour=6) + timedelta(days=1)
    story.now = morning - timedelta(seconds=1)
    story.tick()
    assert _asked_for(story, task) == []
    story.now = morning
    story.tick()
    assert _asked_for(story, task) == ["person:M-1"]
    order = story.state.orders_of(story.state.incidents[task.id])[0]
    assert order.drafted.acknowledge_by == morning + timedelta(days=1)
    story.now += timedelta(hours=1)
    story.tick()
    assert _asked_for(story, task) == ["person:M-1"]


@pytest.mark.parametrize(("hour", "at_once"), [(23, False), (5, False), (12, True)])
def test_who_declines_maintenance_at_night_lets_the_next_one_sleep(story: Story, hour: int, *, at_once: bool) -> None:
    for _ in range(3):
        _false(story, "S-1")
    (task,) = _tasks(story)
    story.now = story.now.replace(hour=hour, minute=50) + timedelta(days=1 if hour == 5 else 0)
    assert story.press("person:M-1", "decline", {"reason": "away"}) is None
    assert _asked_for(story, task)[1:] == (["person:C-1"] if at_once else [])
    story.now += timedelta(hours=8)
    story.tick()
    assert _asked_for(story, task)[1:] == ["person:C-1"]


def test_maintenance_that_was_seen_to_or_called_off_in_the_night_asks_nobody_in_the_morning(story: Story) -> None:
    task = _at_night(story)
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, turn.state.incidents[task.id]))
    story.now += timedelta(hours=12)
    story.tick()
    assert _asked_for(story, task) == []
    assert _verdict(story, "real", "dust", task.id) is None
    assert not story.state.incidents[task.id].open


def test_a_night_that_never_ends_keeps_no_maintenance_waiting(story: Story) -> None:
    story.policy = replace(story.policy, night=Span(time(0), time(0)))
    assert _asked_for(story, _at_night(story)) == ["person:M-1"]


def test_a_place_without_manager_or_contractor_leaves_the_task_to_the_leader(story: Story) -> None:
    for _ in range(3):
        _false(story, "S-4")
    (task,) = _tasks(story)
    told = [(one.drafted.recipient, one.drafted.reason) for one in story.state.orders_of(task)]
    assert told == [("person:L-3", "no_manager")]
    assert [one.state for one in story.state.orders_of(task)] == [OrderState.DRAFTED]


def test_maintenance_is_not_merged_with_anything(story: Story) -> None:
    for _ in range(3):
        _false(story, "S-4")
    story.event("fire", "S-1")
    task, fire = list(story.state.incidents.values())[-2:]
    for one, other in ((task, fire), (fire, task)):
        said = story.turn(lambda turn, a=one, b=other: joining.merge(turn, COMMAND, a, b, None))
        assert said == "maintenance is a task of its own: it is not merged"


def test_no_more_false_alarms_are_kept_than_somebody_counts(story: Story) -> None:
    for _ in range(70):
        _false(story, "S-4")
    assert len(story.state.false_alarms["device S-4"]) == fold.FALSE_MOST
    story.now += timedelta(days=100)
    _false(story, "S-4")
    assert len(story.state.false_alarms["device S-4"]) == 1
