"""Command's frames in a flood: bounded, each change told in the end, the numbers without a gap."""

from datetime import UTC, datetime, timedelta

import districts
from hypothesis import given
from hypothesis import strategies as st
from stories import Story

from dispatch import budget, escalation
from dispatch.facts.entry import Content, Frame, seal
from dispatch.facts.fact import IncidentOpened, IncidentVerified
from dispatch.policy.policy import Policy
from dispatch.state import fold

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLICY = Policy()
changes = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 4), st.sampled_from([0.0, 0.05, 0.3, 1.0])), max_size=120
)
"""Which incident changes, how grave it is then, and the seconds that pass before the next change."""


def _opened(number: int, severity: int) -> IncidentOpened:
    return IncidentOpened(
        incident=f"I-{number:06d}", kind="fire", source="device", severity=severity, place="P-1", lon=120.0, lat=30.0,
        grid="G3-1",
    )  # fmt: skip


def _change(story: Story, number: int, severity: int) -> None:
    id = f"I-{number:06d}"
    if id in story.state.incidents:
        verified = IncidentVerified(incident=id, verification="unverified", severity=severity, by="clock")
        story.turn(lambda turn: turn.add(verified))
    else:
        story.turn(lambda turn: turn.add(_opened(number, severity)))


def _told(story: Story) -> list[tuple[datetime, Frame]]:
    frames = [(entry.content.at, one) for entry in story.entries for one in entry.content.frames]
    return [(at, one) for at, one in frames if one.subject in story.state.incidents]


@given(changes)
def test_each_change_is_told_at_most_one_an_incident_and_second_and_so_many_in_all(
    played: list[tuple[int, int, float]],
) -> None:
    story = Story(districts.small(), now=NOON)
    last: dict[str, datetime] = {}
    for number, severity, seconds in played:
        _change(story, number, severity)
        last[f"I-{number:06d}"] = story.now
        story.now += timedelta(seconds=seconds)
        story.tick()
    for _ in range(10):
        story.now += timedelta(seconds=1)
        story.tick()
    told = _told(story)
    assert [one.seq for _, one in told] == list(range(1, len(told) + 1))
    for place, (at, one) in enumerate(told):
        within = [other for before, other in told[:place] if at - before < POLICY.frame_every]
        assert len(within) < POLICY.command_frames
        assert one.subject not in {other.subject for other in within}
    for incident, changed in last.items():
        assert any(at >= changed and one.subject == incident for at, one in told)
    assert not escalation.frames_owed(story.state, POLICY, story.now + timedelta(days=1))


def test_the_gravest_is_told_first_then_the_new_then_what_was_owed_longest() -> None:
    story = Story(districts.small(), now=NOON)
    for number in range(1, 25):
        _change(story, number, 2)
    assert len(_told(story)) == POLICY.command_frames
    _change(story, 1, 2)
    _change(story, 2, 4)
    held = [one for one in story.state.untold if one in story.state.incidents]
    chosen = budget.chosen(story.state, POLICY, held, story.now + timedelta(seconds=1))
    assert chosen == ["I-000002", "I-000021", "I-000022", "I-000023", "I-000024", "I-000001"]


def test_it_is_known_when_there_is_room_again() -> None:
    story = Story(districts.small(), now=NOON)
    for number in range(1, 25):
        _change(story, number, 2)
        story.now += timedelta(milliseconds=10)
    assert budget.owed_at(story.state, POLICY) == NOON + timedelta(seconds=1)
    assert escalation.following(story.state, POLICY, story.now) == NOON + timedelta(seconds=1)


def test_what_was_told_long_ago_is_not_remembered() -> None:
    story = Story(districts.small(), now=NOON)
    _change(story, 1, 2)
    content = Content(
        n=2, at=NOON + fold.SHOWN, kind="x", cause={}, facts=(), frames=(Frame("station:ST-1", 1, "O-1"),)
    )
    fold.finish(story.state, seal(content, story.state.last_digest))
    assert story.state.shown == []
