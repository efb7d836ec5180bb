"""A flood of alarms: command is told in numbers when it begins, while it lasts, and when it is over."""

from datetime import timedelta
from itertools import pairwise

import districts
import pytest
from stories import Story

from dispatch.facts.alarm import AlarmKind
from dispatch.facts.fact import AlarmRaised, FloodBegan, FloodEnded
from dispatch.turn import Turn
from dispatch.views import summary, view


@pytest.fixture
def story() -> Story:
    return Story(districts.small())


def _raise(story: Story, count: int, every_s: float = 1.0, drill: str | None = None) -> None:
    """So many devices fail, one after another."""

    def fail(turn: Turn) -> None:
        number = turn.number("A")
        device = f"S-{number}"
        turn.add(
            AlarmRaised(
                alarm=number, device=device, kind=AlarmKind.FAULT, place="P-2", since=turn.now, drill=drill, flags=()
            )
        )

    for _ in range(count):
        story.turn(fail)
        story.pass_time(every_s)


def _facts(story: Story, kind: type) -> list[object]:
    return [one for entry in story.entries for one in entry.content.facts if isinstance(one, kind)]


def _floods(story: Story) -> list[float]:
    """When a frame about the flood was owed, in seconds after the first entry."""
    began = story.entries[0].content.at
    return [
        (entry.content.at - began).total_seconds()
        for entry in story.entries
        for one in entry.content.frames
        if one.subject == "flood"
    ]


def test_ten_alarms_in_ten_minutes_are_no_flood_eleven_are(story: Story) -> None:
    _raise(story, 10)
    assert story.state.flood is None
    assert _floods(story) == []
    _raise(story, 1)
    assert _facts(story, FloodBegan) == [FloodBegan(alarms=11, operators=1)]
    assert len(_floods(story)) == 1


def test_alarms_over_more_than_ten_minutes_are_none(story: Story) -> None:
    _raise(story, 40, every_s=65)
    assert _facts(story, FloodBegan) == []
    assert len(story.state.rate) <= 61


def test_each_command_screen_takes_its_share(story: Story) -> None:
    story.screens = lambda recipient: 3 if recipient == "command:main" else 1
    _raise(story, 30)
    assert story.state.flood is None
    _raise(story, 1)
    assert _facts(story, FloodBegan) == [FloodBegan(alarms=31, operators=3)]


def test_an_exercise_makes_no_flood(story: Story) -> None:
    _raise(story, 30, drill="D-000001")
    assert story.state.flood is None


def test_it_ends_below_five_alarms_in_ten_minutes_and_command_is_told_once(story: Story) -> None:
    _raise(story, 11)
    story.pass_time(560)
    assert story.state.flood is not None
    story.pass_time(100)
    assert story.state.flood is None
    (ended,) = _facts(story, FloodEnded)
    assert isinstance(ended, FloodEnded)
    assert ended.alarms < 5
    told = len(_floods(story))
    assert summary.flood(story.state)["since"] is None
    story.pass_time(3600)
    assert len(_floods(story)) == told


def test_it_is_told_at_most_once_a_second_and_takes_no_number(story: Story) -> None:
    _raise(story, 60, every_s=0.2)
    story.pass_time(5)
    times = _floods(story)
    assert len(times) > 3
    assert all(after - before >= 1 for before, after in pairwise(times))
    frames = [one for entry in story.entries for one in entry.content.frames if one.recipient == "command:main"]
    assert {one.seq for one in frames if one.subject == "flood"} == {0}
    numbered = [one.seq for one in frames if one.subject != "flood"]
    assert numbered == list(range(1, len(numbered) + 1))


def test_it_says_what_is_open_in_numbers(story: Story) -> None:
    _raise(story, 11)
    story.event("fire", "S-4")
    body, orders = view.frame(story.state, story.registry, "flood", 0)
    assert (sorted(body), body["type"], orders) == (["flood", "type"], "flood", ())
    told = body["flood"]
    assert told["on"]
    assert told["alarms_10_min"] == 12
    assert told["open_alarms"] == {"fault": 11, "fire": 1}
    assert told["open_incidents"] == {"2": 1}
    assert told["grids"] == {"G3-1": 1}
    assert story.state.flood is not None
    assert story.now - story.state.flood < timedelta(minutes=1)
