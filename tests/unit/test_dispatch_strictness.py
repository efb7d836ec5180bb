"""Rules of the calling that could be broken without another test noticing: each is told where it alone decides."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, get_args

import districts
import msgspec
import numpy as np
import psycopg
import pytest
from stories import NOON, Story

from devices.model import DutyKind
from devices.registry import Registry
from devices.streets import MODES
from dispatch.alarms import joining
from dispatch.calling import crew
from dispatch.choosing import standing
from dispatch.facts.actor import Actor
from dispatch.facts.fact import EtaRevised, Fact, OrderDrafted, StoodDown, VerdictGiven
from dispatch.facts.order import OrderState
from dispatch.ledger.drain import Drain
from dispatch.ledger.projection import notes_named, project
from dispatch.presses import pressing, verification
from dispatch.state import upkeep
from dispatch.state.state import FalseAlarm, State, timer
from dispatch.views import milestone
from dispatch.ways import closing
from dispatch.world import Webhooks

COMMAND = Actor("command", "command:main")


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _crews(story: Story) -> list[tuple[str, str]]:
    return [(who.removeprefix("station:"), why) for who, kind, why in story.told() if kind == "respond"]


def _demote(monkeypatch: pytest.MonkeyPatch, *demoted: str) -> None:
    """These stations have missed their duty check."""
    monkeypatch.setattr(standing, "demoted", lambda _state, station: station.code in demoted)


def test_no_limit_is_told_for_a_fire_that_119_told_us_of(story: Story) -> None:
    request = {"kind": "fire", "source": "119", "place": "P-2"}
    assert story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None)) is None
    assert story.incident().calling is not None
    assert story.incident().calling.unverified_until is None


def test_an_own_station_that_missed_its_check_is_never_the_first_crew(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {code: replace(one, station="ST-1") for code, one in story.registry.places.items()}
    story.registry = replace(story.registry, places=places)
    _demote(monkeypatch, *story.registry.stations)
    story.event("fire", "S-4")
    assert _crews(story) == [("ST-1", "own_unit"), ("ST-2", "soonest")]


def test_of_several_demoted_stations_that_are_sooner_one_is_called_beside(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _demote(monkeypatch, "ST-1", "ST-2")
    story.event("fire", "S-4")
    assert _crews(story) == [("ST-3", "soonest"), ("ST-1", "unchecked")]


def test_where_several_stations_fill_a_tier_a_demoted_one_is_called_beside_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiers = tuple(replace(one, strength=5) if one.name == "first" else one for one in story.policy.tiers)
    story.policy = replace(story.policy, tiers=tiers)
    _demote(monkeypatch, "ST-1")
    story.event("fire", "S-4")
    assert sorted(one for one, _ in _crews(story)) == ["ST-1", "ST-2", "ST-3"]
    assert [why for _, why in _crews(story)].count("unchecked") == 1


def test_who_repairs_declining_with_nobody_further_to_ask_informs_those_above(story: Story) -> None:
    story.reading("E-1", residual_ma=900.0)
    story.press("person:M-1", "decline", {"reason": "no_crew"})
    assert "escalated" not in [why for _, _, why in story.told()]
    story.press("person:C-1", "decline", {"reason": "no_crew"})
    assert story.told()[-1][1:] == ("inform", "escalated")


@pytest.mark.parametrize("asked", [True, 0, -1, 1001, "5", 2.0])
def test_help_in_a_number_of_people_that_is_none_is_the_policys(story: Story, asked: object) -> None:
    story.policy = replace(story.policy, help_people=3)
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    assert story.press("station:ST-1", "request_help", {"people": asked}) is None
    assert story.incident().people_wanted == 4 + 3


def test_a_late_acknowledgement_is_seen_in_the_plan_at_once(story: Story) -> None:
    story.registry = replace(story.registry, stations={"ST-1": story.registry.stations["ST-1"]})
    story.event("fire", "S-4")
    story.pass_time(60)
    assert _first(story) == "short"
    assert story.press("station:ST-1", "acknowledge") is None
    assert _first(story) == "satisfied"


def _first(story: Story) -> str:
    assert story.incident().calling is not None
    return next(one.state for one in story.incident().calling.tiers if one.name == "first")


def test_a_crew_that_is_back_is_not_on_its_way(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "close")
    told = crew.calling(story.incident(), story.orders())
    assert told is not None
    assert (told["on_the_way"], told["there"]) == (0, 0)


def test_words_are_no_case_number() -> None:
    story = Story(districts.peopled())
    story.event("fire", "S-1")
    assert story.press("control_room:P-1", "report_brigade", {"case_number": "Mr Li took it"}) is None
    assert story.incident().brigade is not None
    assert story.incident().brigade.case_number is None


def test_once_a_crew_is_back_from_a_real_fire_nobody_who_is_silent_need_come(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "request_help", {"people": 4})
    about = story.incident()
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, {"verdict": "real"}, None))
    assert _state(story, "station:ST-2") is OrderState.DRAFTED
    story.press("station:ST-1", "close")
    assert _state(story, "station:ST-2") is OrderState.CANCELLED


def _state(story: Story, recipient: str) -> OrderState:
    return next(one.state for one in reversed(story.orders()) if one.drafted.recipient == recipient)


@pytest.mark.parametrize("calls", [False, True])
def test_an_exercise_calls_the_brigades_webhook_only_where_the_policy_says_so(story: Story, *, calls: bool) -> None:
    story.webhooks = Webhooks(None, "http://brigade.example/")
    story.policy = replace(story.policy, drill_calls=calls)
    request = {"scenario": "kitchen-fire", "devices": ["S-4"], "minutes": 5}
    assert story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request)) is None
    story.event("fire", "S-4", drill="D-000001")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "confirm_fire")
    assert story.incident().verification == "confirmed"
    assert any(one.planned.kind == "brigade" for one in story.state.calls.values()) is calls


def test_a_merged_incident_is_as_grave_as_either_was(story: Story) -> None:
    story.event("fire", "S-4")
    (into,) = story.state.incidents.values()
    request = {"kind": "fire", "source": "phone", "place": "P-3"}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    about = story.state.incidents["I-000002"]
    assert about.severity > into.severity
    assert story.turn(lambda turn: joining.merge(turn, COMMAND, about, into, None)) is None
    assert story.state.incidents[into.id].severity == about.severity


def test_a_period_of_false_alarms_is_over_at_its_very_end() -> None:
    month, key = timedelta(days=30), upkeep.of_device("S-4")
    marks = [FalseAlarm(NOON - month, "I-1", None), FalseAlarm(NOON, "I-2", None)]
    state = State(false_alarms={key: marks})
    assert upkeep._repeated(state, key, NOON, month, 2) is None
    state.maintained[key] = NOON - month
    assert upkeep._repeated(state, key, NOON, month, 1) is not None


def test_no_crew_is_expected_before_now(story: Story) -> None:
    story.event("fire", "S-4")
    slow = replace(story.registry.stations["ST-1"], muster_s=5000)
    story.registry = replace(story.registry, stations=story.registry.stations | {"ST-1": slow})
    story.press("station:ST-1", "turn_out")
    revised = [one for entry in story.entries for one in entry.content.facts if isinstance(one, EtaRevised)]
    assert [one.arrive_at for one in revised] == [story.now]


def test_a_station_ordered_twice_has_arrived_once(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    (order,) = (one for one in story.orders() if one.drafted.recipient == "station:ST-1")
    again = msgspec.structs.replace(order, drafted=msgspec.structs.replace(order.drafted, order="O-000009"))
    found = milestone.of(story.incident(), [order, again])
    assert found.first_arrival_at == story.now
    assert found.second_arrival_at is None


def test_without_a_verdict_a_crew_that_is_back_stands_nobody_down(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "request_help", {"people": 4})
    story.press("station:ST-1", "close")
    assert _state(story, "station:ST-2") is OrderState.DRAFTED


def test_a_crew_that_declines_is_replaced_without_waking_anybody_above(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "decline", {"reason": "no_crew"})
    assert _crews(story)[-1] == ("ST-2", "declined")
    assert [one for one in story.told() if one[1] == "inform"] == []


def test_of_several_stations_that_replace_one_the_first_says_why(story: Story) -> None:
    tiers = tuple(replace(one, strength=4) if one.name == "first" else one for one in story.policy.tiers)
    story.policy = replace(story.policy, tiers=tiers)
    story.event("fire", "S-4")
    story.press("station:ST-1", "decline", {"reason": "no_crew"})
    assert _crews(story)[1:] == [("ST-2", "declined"), ("ST-3", "strength")]


def test_of_a_confirmed_fire_only_the_levels_that_the_policy_names_are_informed(story: Story) -> None:
    story.policy = replace(story.policy, inform=(DutyKind.LEADER,), inform_levels=(2,), rules=())
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "confirm_fire")
    assert [one[0] for one in story.told() if one[2] == "confirmed"] == ["person:L-2"]


def test_command_is_told_when_fewer_can_come_than_were_asked_for(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "request_help", {"people": 50})
    assert len(_crews(story)) > 1
    assert "nobody_left" in [one.code for one in story.incident().warnings]


def test_pieces_of_street_that_meet_at_a_closed_crossing_are_closed_together() -> None:
    nodes = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]])
    network = SimpleNamespace(
        start=np.array([0, 1], np.int32), end=np.array([1, 2], np.int32), seconds=np.ones((len(MODES), 2))
    )
    pieces = closing.Pieces(network, MODES[0], nodes)  # type: ignore[arg-type]
    assert len(pieces.at(np.array([99.5, 0.2]))) == 2
    assert len(pieces.at(np.array([50.0, 0.2]))) == 1


def test_every_note_that_a_fact_may_name_is_kept_until_the_database_has_it() -> None:
    noted = [one for one in get_args(Fact) if "note" in one.__struct_fields__]
    assert {StoodDown, OrderDrafted, VerdictGiven} <= set(noted)
    for kind in noted:
        needed = {one.name: "x" for one in msgspec.structs.fields(kind) if one.required}
        content = SimpleNamespace(facts=(kind(**needed | {"note": "0" * 64}), kind(**needed | {"note": None})))
        assert notes_named(content) == ["0" * 64], kind


def test_a_station_that_is_called_beside_a_later_one_is_not_called_again_for_its_people(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _demote(monkeypatch, "ST-1")
    request = {"kind": "fire", "source": "patrol", "place": "P-1", "confirmed": True}
    assert story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None)) is None
    called = [who for who, _ in _crews(story)]
    assert "ST-1" in called
    assert len(called) == len(set(called))


def test_119_is_told_of_no_incident_that_is_closed(story: Story) -> None:
    story.event("fire", "S-4")
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.incident()))
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, story.incident(), {"verdict": "unfounded"}, None))
    assert not story.incident().open
    said = story.turn(lambda turn: verification.tell_brigade(turn, story.incident(), "command:main", "119-7", None))
    assert said == "the incident is closed"
    assert story.incident().brigade is None or story.incident().brigade.reported_at is None


def test_a_crew_that_is_back_from_a_real_fire_ends_its_calling_while_another_is_still_out(story: Story) -> None:
    story.event("fire", "S-1")
    for station in ("station:ST-U", "station:ST-1"):
        story.press(station, "acknowledge")
        story.press(station, "arrive")
    story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, story.incident(), {"verdict": "real"}, None))
    story.press("station:ST-U", "close")
    assert story.incident().open
    assert story.incident().calling is not None
    assert {one.state for one in story.incident().calling.tiers} == {"over"}
    assert timer("calling", "I-000001") not in story.state.timers


async def test_what_the_database_took_before_it_was_lost_is_not_put_into_it_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    for device in ("S-1", "S-4"):
        story.event("fire", device)
    first, second = (project(story.state, story.registry, [one], ()) for one in story.entries)
    drain = Drain("", "s", lambda _: None, lambda n, _: {0: first, 1: second}.get(n), lambda: NOON)
    heads, sent = iter([0, 1]), []
    connection = SimpleNamespace(execute=_nothing, commit=_nothing, pipeline=nullcontext, transaction=nullcontext)

    async def insert(_connection: Any, drops: Any) -> None:
        sent.append([one.first for one in drops])
        raise psycopg.OperationalError("lost in the middle of a commit")

    monkeypatch.setattr("devices.database.connect", _giving(answer=nullcontext(connection)))
    monkeypatch.setattr("dispatch.ledger.lead.alone", _giving(answer=True))
    monkeypatch.setattr("dispatch.ledger.drain._insert", insert)
    for _ in range(2):
        monkeypatch.setattr(drain, "_head", _giving(answer=next(heads)))  # the commit had been made
        with pytest.raises(psycopg.OperationalError):
            await drain._follow()
    assert sent == [[1], [2]]


def _giving(*, answer: object) -> Callable[..., Any]:
    async def give(*_given: Any, **_how: Any) -> object:
        return answer

    return give


async def _nothing(*_given: Any) -> None:
    pass
