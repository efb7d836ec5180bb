"""People of a station answer for themselves; what waited for a line; pictures of an incident."""

from datetime import timedelta

import pytest
from stories import NOON, Story

from dispatch.facts.actor import Actor
from dispatch.facts.order import OrderState
from dispatch.presses import member, pressing
from dispatch.state import fold
from dispatch.state.state import Order, State
from dispatch.views import view

ME = Actor("person", "person:W-1", "W-1")


@pytest.fixture
def story(small_registry) -> Story:
    made = Story(small_registry)
    made.event("fire")
    made.turn(lambda turn: pressing.call(turn, Actor("command", "command:main"), made.incident(), "station:ST-2"))
    return made


def _order(story: Story, recipient: str = "station:ST-2") -> Order:
    return next(one for one in story.orders() if one.drafted.recipient == recipient)


def _say(story: Story, said: str, person: str = "W-1", order: Order | None = None, **more) -> str | None:
    one = order or _order(story)
    at = more.get("pressed_at")
    return story.turn(lambda turn: member.answer(turn, ME, one, person, said, f"r-{story.now}", at))


def test_what_a_person_said_last_stands_once_and_leaves_the_stations_order_as_it_is(story: Story) -> None:
    before = _order(story).state
    assert _say(story, "going") is None
    story.pass_time(3)
    assert _say(story, "there") is None
    shown = view.order(story.state, story.registry, _order(story))
    assert [(one["person"], one["answer"]) for one in shown["members"]] == [("W-1", "there")]
    assert shown["members"][0]["name"] == story.registry.people["W-1"].name
    assert _order(story).state is before


def test_the_stations_screens_and_command_are_told_of_it(story: Story) -> None:
    _say(story, "going")
    assert ("station:ST-2", _order(story).id) in {
        (one.recipient, one.subject) for one in story.entries[-1].content.frames
    }
    story.pass_time(2)
    told = [one.recipient for entry in story.entries[-2:] for one in entry.content.frames]
    assert "command:main" in told


@pytest.mark.parametrize("wrong", ["perhaps", "", "GOING"])
def test_another_word_is_refused_by_naming_the_three(story: Story, wrong: str) -> None:
    assert "going, cannot, there" in str(_say(story, wrong))


def test_who_does_not_serve_there_does_not_answer(story: Story) -> None:
    assert "does not serve" in str(_say(story, "going", person="L-3"))


def test_an_order_to_a_person_has_nobody_else_who_answers(story: Story) -> None:
    assert "press on the order itself" in str(_say(story, "going", order=_order(story, "person:L-3")))


def test_a_lapsed_order_still_waits_for_people_and_a_cancelled_one_does_not(story: Story) -> None:
    story.pass_time(61)
    assert _order(story).state is OrderState.LAPSED
    assert _say(story, "going") is None
    story.turn(lambda turn: pressing.give_verdict(turn, ME, story.incident(), {"verdict": "test"}, None))
    assert "nobody needs to go" in str(_say(story, "there"))


def test_a_press_that_waited_for_a_line_says_when_it_was_made_and_counts_when_it_came(story: Story) -> None:
    one = _order(story)
    story.pass_time(30)
    early = story.now - timedelta(seconds=20)
    actor = Actor("station", "station:ST-2")
    story.turn(lambda turn: pressing.press(turn, actor, one, "acknowledge", "r", None, None, early))
    step = view.order(story.state, story.registry, _order(story))["history"][-1]
    assert (step["event"], step["at"], step["pressed_at"]) == (
        "acknowledged",
        "2026-11-21T12:00:30.000Z",
        "2026-11-21T12:00:10.000Z",
    )


@pytest.mark.parametrize("seconds", [-3600, 27, 30, 31, 9_999_999])
def test_a_time_before_the_order_or_hardly_ago_or_ahead_is_not_kept(story: Story, seconds: int) -> None:
    one = _order(story)
    story.pass_time(30)
    said = NOON + timedelta(seconds=seconds)
    actor = Actor("station", "station:ST-2")
    story.turn(lambda turn: pressing.press(turn, actor, one, "acknowledge", "r", None, None, said))
    assert "pressed_at" not in view.order(story.state, story.registry, _order(story))["history"][-1]


def _photo(story: Story, id: str) -> str | None:
    about = story.incident()
    order = _order(story).id
    return story.turn(lambda turn: member.take_photo(turn, ME, about, order, id, "ab" * 32, None, None))


def test_a_photo_is_named_by_its_digest_in_the_incident_and_the_ledger(story: Story) -> None:
    _photo(story, "PH-1")
    (shown,) = view.incident(story.state, story.registry, story.incident())["photos"]
    assert (shown["id"], shown["by"], shown["digest"]) == ("PH-1", "person:W-1", "ab" * 32)
    assert b"ab" * 32 in story.entries[-1].body


def test_an_incident_has_photos_up_to_a_number(story: Story) -> None:
    for number in range(member.PHOTOS_AT_MOST):
        assert _photo(story, f"PH-{number}") is None
    assert f"{member.PHOTOS_AT_MOST} photos" in str(_photo(story, "PH-more"))


def test_the_fold_of_the_entries_is_the_state(story: Story) -> None:
    _say(story, "going")
    _photo(story, "PH-1")
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again.orders == story.state.orders
    assert again.incidents == story.state.incidents
