"""Blackouts: who works on a detector is not visited by a crew, and nothing that goes on afterwards is missed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import districts
import pytest
from stories import NOON, Story

from devices.rule import Rule
from dispatch.alarms import maintenance
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmState
from dispatch.presses import pressing
from dispatch.turn import Turn
from dispatch.views import view

COMMAND = Actor("command", "command:main")
HOUR = timedelta(hours=1)


@pytest.fixture
def story() -> Story:
    return Story(districts.small())


def black_out(told: Story, **asked: Any) -> str | None:
    request = {"noun": "place", "code": "P-1", "why": "works", "start": None, "until": told.now + HOUR, "fire": False}
    refused: str | None = told.turn(lambda turn: maintenance.begin(turn, COMMAND, request | asked, None))
    return refused


def end(told: Story) -> str | None:
    one = list(told.state.blackouts.values())[-1]
    refused: str | None = told.turn(lambda turn: maintenance.end(turn, "command:main", one))
    return refused


@pytest.mark.parametrize(("noun", "code"), [("place", "P-1"), ("gateway", "GW-1"), ("device", "E-1")])
def test_during_a_blackout_trouble_calls_nobody_and_says_so(story: Story, noun: str, code: str) -> None:
    assert black_out(story, noun=noun, code=code) is None
    story.reading("E-1", residual_ma=400.0)
    (one,) = story.state.alarms.values()
    assert one.state is AlarmState.ACTIVE
    shown = view.alarm(story.registry, one)
    assert (shown["blackout"], shown["flags"]) == ("B-000001", ["blackout"])
    assert not story.orders()
    assert not story.state.incidents


@pytest.mark.parametrize(("noun", "code"), [("place", "P-2"), ("device", "S-1")])
def test_a_blackout_of_something_else_keeps_nobody_away(story: Story, noun: str, code: str) -> None:
    black_out(story, noun=noun, code=code)
    story.reading("E-1", residual_ma=400.0)
    assert story.orders()


@pytest.mark.parametrize("event", ["fire", "manual_call"])
def test_a_fire_calls_all_the_same_unless_it_was_asked_for(story: Story, event: str) -> None:
    black_out(story)
    story.event(event)
    assert [one for one in story.told() if one[1] == "respond"]


@pytest.mark.parametrize("event", ["fire", "manual_call"])
def test_a_fire_that_is_blacked_out_is_shown_to_command_and_calls_nobody(story: Story, event: str) -> None:
    black_out(story, fire=True)
    story.event(event)
    story.pass_time(1800)
    assert not story.orders()
    assert [one.code for one in story.incident().warnings] == ["blackout"]
    assert len(story.incident().alarms) == 1
    assert "command:main" in {frame.recipient for entry in story.entries for frame in entry.content.frames}


def test_a_fire_beside_it_that_is_not_blacked_out_calls_a_crew_and_the_leader(story: Story) -> None:
    black_out(story, noun="device", code="S-1", fire=True)
    story.event("fire", "S-1")
    story.event("fire", "S-2")
    assert {one[1] for one in story.told()} == {"respond", "attend"}
    assert len(story.incident().alarms) == 2


def test_when_the_clock_ends_it_what_is_still_on_calls(story: Story) -> None:
    black_out(story)
    story.reading("E-1", residual_ma=400.0)
    story.pass_time(3599)
    assert not story.orders()
    story.pass_time(1)
    assert [one for one in story.told() if one[1] == "rectify"]
    (one,) = story.state.alarms.values()
    assert one.blackout is None
    assert next(iter(story.state.blackouts.values())).ended_by == "clock"


def test_when_a_person_ends_it_a_fire_that_is_still_on_calls_crew_and_leader(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire")
    assert end(story) is None
    assert {one[1] for one in story.told()} == {"respond", "attend"}
    assert len(story.state.incidents) == 1
    assert end(story) == "the blackout has ended"


def test_a_fire_that_was_judged_false_meanwhile_calls_nobody_when_it_ends(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire")
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, story.incident(), {"verdict": "test"}, None))
    story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, next(iter(turn.state.alarms.values())), "reset", None))
    end(story)
    assert not story.orders()


def test_what_went_off_during_it_calls_nobody_afterwards(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire")
    story.event("fire_restore")
    story.reading("E-1", residual_ma=400.0)
    story.reading("E-1", residual_ma=4.0)
    end(story)
    assert not story.orders()


def test_what_was_called_for_before_stays_called(story: Story) -> None:
    story.event("fire")
    before = len(story.orders())
    black_out(story, fire=True)
    story.event("fire")
    assert len(story.orders()) == before
    assert len([one for one in story.orders() if one.open]) == before


def test_two_blackouts_of_one_device_end_with_the_later(story: Story) -> None:
    black_out(story)
    story.reading("E-1", residual_ma=400.0)
    black_out(story, noun="device", code="E-1", until=story.now + 2 * HOUR)
    story.pass_time(3600)
    assert not story.orders()
    story.pass_time(3600)
    assert story.orders()


def test_two_blackouts_of_a_fire_end_with_the_later(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire")
    black_out(story, noun="gateway", code="GW-1", until=story.now + 2 * HOUR, fire=True)
    story.pass_time(3600)
    assert not story.orders()
    assert [one.blackout for one in story.state.alarms.values()] == ["B-000002"]
    story.pass_time(3600)
    assert {one[1] for one in story.told()} >= {"respond", "attend"}


def test_nobody_further_is_wanted_for_a_fire_that_is_only_shown(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire")
    assert not Turn(story.world(), story.state, story.now).wants_more(story.incident())
    story.turn(lambda turn: pressing.call(turn, COMMAND, story.incident(), "station:ST-1"))
    assert Turn(story.world(), story.state, story.now).wants_more(story.incident())


def test_a_blackout_planned_for_later_begins_then(story: Story) -> None:
    assert black_out(story, start=story.now + HOUR, until=story.now + 2 * HOUR) is None
    assert view.blackout(story.state.blackouts["B-000001"], story.now)["state"] == "planned"
    story.reading("E-1", residual_ma=400.0)
    assert story.orders()
    before = len(story.orders())
    story.pass_time(3601)
    assert view.blackout(story.state.blackouts["B-000001"], story.now)["state"] == "on"
    story.reading("E-3", residual_ma=400.0)
    assert len(story.orders()) > before


def test_an_exercise_is_played_during_a_blackout(story: Story) -> None:
    black_out(story, fire=True)
    request = {"scenario": "kitchen-fire", "devices": ["S-1"], "minutes": 5}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    story.event("fire", drill="D-000001")
    assert story.orders()


def test_an_alarm_that_ripens_during_it_calls_nobody(story: Story) -> None:
    electric = replace(story.registry.profiles["electric-3p"], rules={"residual": Rule(delay_s=10)})
    told = Story(replace(story.registry, profiles={**story.registry.profiles, "electric-3p": electric}))
    told.reading("E-1", residual_ma=400.0)
    black_out(told)
    told.pass_time(20)
    assert not told.orders()
    assert [one.blackout for one in told.state.alarms.values()] == ["B-000001"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"noun": "grid", "code": "G1"}, "give one of"),
        ({"code": "P-9"}, "no place 'P-9'"),
        ({"why": "new wires"}, "why must be a code"),
        ({"until": NOON}, "until must be in the future"),
        ({"until": NOON + timedelta(hours=169)}, "at most 168 hours"),
        ({"until": NOON + timedelta(hours=5), "fire": True}, "at most 4 hours"),
        ({"start": NOON + timedelta(days=91), "until": NOON + timedelta(days=92)}, "within 90 days"),
        ({"start": NOON + 2 * HOUR}, "after from"),
    ],
)
def test_what_cannot_be_blacked_out_is_refused_with_a_reason(story: Story, asked: Any, reason: str) -> None:
    refused = black_out(story, **asked)
    assert refused is not None
    assert reason in refused
    assert not story.entries


def stand_down(told: Story) -> None:
    told.turn(lambda turn: pressing.stand_down(turn, COMMAND, told.incident()))


def test_a_fire_beside_one_that_was_only_shown_and_stood_down_calls(story: Story) -> None:
    black_out(story, noun="device", code="S-1", fire=True)
    story.event("fire", "S-1")
    stand_down(story)
    story.event("fire", "S-2")
    assert [one for one in story.told() if one[1] == "respond"]


def test_a_fire_that_was_stood_down_while_it_was_blacked_out_calls_if_it_is_still_on_afterwards(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire", "S-1")
    stand_down(story)
    story.pass_time(1800)
    assert not story.orders()
    end(story)
    assert [one for one in story.told() if one[1] == "respond"]


@pytest.mark.parametrize("event", ["fire", "manual_call"])
@pytest.mark.parametrize("later_s", [10, 3600])
def test_a_fire_that_comes_again_after_a_blackout_that_it_had_gone_in_calls(
    story: Story, event: str, later_s: int
) -> None:
    black_out(story, fire=True)
    story.event(event)
    story.pass_time(3590)
    story.event("fire_restore")
    story.pass_time(later_s + 20)
    story.event(event)
    assert [one for one in story.told() if one[1] == "respond"]


def test_whom_command_told_of_a_fire_by_hand_is_no_crew_so_one_is_called_when_the_blackout_ends(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire", "S-1")
    story.turn(lambda turn: pressing.call(turn, COMMAND, story.incident(), "person:W-1"))
    story.event("fire", "S-1")
    assert not [one for one in story.told() if one[1] == "respond"]
    end(story)
    assert [one for one in story.told() if one[1] == "respond"]


def test_a_further_fire_that_is_blacked_out_brings_nobody_back_whom_command_stood_down(story: Story) -> None:
    black_out(story, fire=True)
    story.event("fire", "S-1")
    story.turn(lambda turn: pressing.call(turn, COMMAND, story.incident(), "station:ST-1"))
    stand_down(story)
    story.turn(lambda turn: pressing.call(turn, COMMAND, story.incident(), "station:ST-1"))
    before = story.told()
    story.event("manual_call", "S-1")
    assert story.incident().stood_down
    assert story.told() == before
