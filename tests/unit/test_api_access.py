"""What each role sees and does, over the whole table."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api import access
from api.access import TABLE, Area, Reach, Verb, area
from api.identity import Identity, Role
from devices.model import Duty, DutyKind
from devices.registry import Registry

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def _who(role: Role, scope: str | None = None) -> Identity:
    return Identity("t", role, scope, None, WHEN)


LEADER_OF_SMALL = _who(Role.PERSON, "L-3")
LEADER_OF_MIDDLE = _who(Role.PERSON, "L-2")
MANAGER = _who(Role.PERSON, "M-1")
STATION = _who(Role.STATION, "ST-1")
CONTROL_ROOM = _who(Role.CONTROL_ROOM, "P-1")
COMMAND = _who(Role.COMMAND)
ADMIN = _who(Role.ADMIN)
VIEWER = _who(Role.VIEWER)


def test_every_role_has_an_answer_for_every_verb():
    assert set(TABLE) == {(role, verb) for role in Role for verb in Verb}


@pytest.mark.parametrize("verb", [verb for verb in Verb if Reach.DUTY in {TABLE[role, verb] for role in Role}])
def test_every_verb_by_duty_says_which_duties_count(verb):
    assert access.DUTIES[verb]


def test_only_those_who_receive_orders_take_part_by_websocket(small_registry):
    may = {who.role for who in (STATION, MANAGER, CONTROL_ROOM, COMMAND, ADMIN, VIEWER)
           if not area(small_registry, who, Verb.LISTEN).empty}  # fmt: skip
    assert may == {Role.STATION, Role.PERSON, Role.CONTROL_ROOM, Role.COMMAND}


@pytest.mark.parametrize("role", list(Role))
def test_nobody_presses_further_than_their_own_orders(role):
    assert TABLE[role, Verb.PRESS] in {Reach.OWN, Reach.NOTHING}


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_edit(role):
    assert (TABLE[role, Verb.EDIT] is Reach.ALL) == (role is Role.ADMIN)


@pytest.mark.parametrize("role", list(Role))
def test_telephone_numbers_are_for_command_and_administrators(role):
    assert (TABLE[role, Verb.READ_PHONES] is not Reach.NOTHING) == (role in {Role.COMMAND, Role.ADMIN})


@pytest.mark.parametrize("verb", list(Verb))
def test_a_link_is_good_for_what_one_does_with_an_order_and_nothing_else(small_registry, verb):
    linked = replace(LEADER_OF_SMALL, order="O-000001")
    assert area(small_registry, linked, verb).empty == (verb not in access.LINKED or verb is Verb.ANSWER)


def test_who_serves_at_a_station_reads_its_orders_and_answers_there_alone(small_registry):
    crew = _who(Role.PERSON, "W-1")
    for verb in (Verb.READ_ORDERS, Verb.ANSWER, Verb.ADD_PHOTO):
        assert area(small_registry, crew, verb).stations == {"ST-2"}
    assert area(small_registry, MANAGER, Verb.ANSWER).empty


@pytest.mark.parametrize("verb", [v for v in Verb if not v.startswith("read_")])
def test_a_viewer_changes_nothing(small_registry, verb):
    assert area(small_registry, VIEWER, verb).empty


def test_a_leader_sees_the_own_grid_and_below_and_not_above_or_beside(small_registry):
    small = area(small_registry, LEADER_OF_SMALL, Verb.READ_REGISTRY)
    middle = area(small_registry, LEADER_OF_MIDDLE, Verb.READ_REGISTRY)
    assert [small.covers(small_registry, place) for place in ("P-1", "P-2", "P-3")] == [True, True, False]
    assert [middle.covers(small_registry, place) for place in ("P-1", "P-2", "P-3")] == [True, True, True]
    assert not small.covers_grid(small_registry, "G2")


def test_a_manager_sees_the_own_place_only(small_registry):
    found = area(small_registry, MANAGER, Verb.READ_REGISTRY)
    assert [found.covers(small_registry, place) for place in ("P-1", "P-2", "P-3")] == [True, False, False]


def test_a_manager_decides_nothing_and_a_leader_in_the_own_grids(small_registry):
    assert area(small_registry, MANAGER, Verb.DECIDE).empty
    leader = area(small_registry, LEADER_OF_SMALL, Verb.DECIDE)
    inside = [{"code": "G3-1"}, {"code": "G2"}, {"code": "G1"}]
    beside = [{"code": "G3-2"}, {"code": "G2"}, {"code": "G1"}]
    assert leader.covers_at("P-1", inside)
    assert not leader.covers_at("P-3", beside)
    assert not leader.covers_at(None, [])


def test_a_control_room_handles_alarms_of_its_own_place(small_registry):
    found = area(small_registry, CONTROL_ROOM, Verb.HANDLE_ALARM)
    chain = [{"code": "G3-1"}, {"code": "G2"}, {"code": "G1"}]
    assert found.covers_at("P-1", chain)
    assert not found.covers_at("P-2", chain)


def test_a_control_room_reads_its_place_and_knows_the_stations_that_may_come(small_registry):
    found = area(small_registry, CONTROL_ROOM, Verb.READ_REGISTRY)
    assert [found.covers(small_registry, place) for place in ("P-1", "P-2")] == [True, False]
    assert found.stations == frozenset(small_registry.stations)
    assert found.grids == frozenset()
    assert area(small_registry, CONTROL_ROOM, Verb.READ_ORDERS).stations == frozenset()


def test_a_station_has_the_map_of_its_large_grid(small_registry):
    found = area(small_registry, STATION, Verb.READ_REGISTRY)
    assert found.grids == {"G1"}
    assert found.covers(small_registry, "P-3")
    assert not found.everything


def test_stations_and_managers_see_no_incident_but_by_their_orders(small_registry):
    for who in (STATION, MANAGER):
        found = area(small_registry, who, Verb.READ_INCIDENTS)
        own = frozenset({"ST-1"}) if who is STATION else frozenset()
        assert found == Area(recipient=who.recipient, stations=own)


def test_a_station_is_handed_over_by_itself_its_chief_and_duty_officers_and_command(small_registry):
    chief = Duty("W-1", DutyKind.CHIEF, "ST-2")
    registry = replace(small_registry, duties=(*small_registry.duties, chief, Duty("C-1", DutyKind.CREW, "ST-2")))
    may = {
        who.recipient or who.role: area(registry, who, Verb.HAND_OVER).covers_station(registry, "ST-2")
        for who in (STATION, _who(Role.STATION, "ST-2"), _who(Role.PERSON, "W-1"), _who(Role.PERSON, "C-1"), COMMAND)
    }
    assert may == {
        "station:ST-1": False,
        "station:ST-2": True,
        "person:W-1": True,
        "person:C-1": False,
        "command:main": True,
    }
    assert area(registry, LEADER_OF_SMALL, Verb.READ_CHECKS).covers_station(registry, "ST-2")
    assert not area(registry, STATION, Verb.READ_CHECKS).covers_station(registry, "ST-2")
    assert not area(registry, COMMAND, Verb.HAND_OVER).covers_station(registry, "ST-99")


def test_a_commander_reaches_everything_a_person_can(small_registry):
    registry = replace(small_registry, duties=(*small_registry.duties, Duty("W-1", DutyKind.COMMANDER, "")))
    who = _who(Role.PERSON, "W-1")
    for verb in access.DUTIES:
        assert area(registry, who, verb).everything
    assert area(registry, who, Verb.READ_PHONES).empty
    assert area(registry, who, Verb.EDIT).empty


def test_a_person_without_duties_may_read_nothing_of_the_registry(small_registry):
    assert area(small_registry, _who(Role.PERSON, "W-1"), Verb.READ_REGISTRY).empty


def test_crew_have_the_map_their_station_has(small_registry):
    registry = replace(small_registry, duties=(Duty("W-1", DutyKind.CREW, "ST-2"),))
    assert area(registry, _who(Role.PERSON, "W-1"), Verb.READ_REGISTRY).grids == {"G1"}
    assert area(registry, _who(Role.PERSON, "W-1"), Verb.DECIDE).empty


@pytest.mark.parametrize(
    ("who", "known"),
    [
        (STATION, True),
        (_who(Role.STATION, "ST-99"), False),
        (MANAGER, True),
        (_who(Role.PERSON, "ST-1"), False),
        (CONTROL_ROOM, True),
        (_who(Role.CONTROL_ROOM, "P-99"), False),
        (COMMAND, True),
    ],
)
def test_a_token_is_good_for_what_is_registered_only(small_registry, who, known):
    assert access.registered(small_registry, who) is known


def test_an_unknown_station_reaches_nothing():
    assert area(Registry(), _who(Role.STATION, "ST-1"), Verb.READ_REGISTRY).grids == frozenset()
