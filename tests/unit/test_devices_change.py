from dataclasses import replace
from datetime import time

import pytest
from districts import small

from devices import catalogue, change, columns
from devices.model import (
    Device,
    Duty,
    DutyKind,
    Gateway,
    Grid,
    Mode,
    Person,
    Place,
    Shift,
    Station,
    StationKind,
)
from devices.registry import Registry


def outline(west, east):
    return ((((west, 31.0), (east, 31.0), (east, 31.2), (west, 31.2), (west, 31.0)),),)


def geojson(west, east):
    return {
        "type": "Polygon",
        "coordinates": [[list(position) for position in ring] for ring in outline(west, east)[0]],
    }


def place(code, lon, grid):
    return Place(code, code, "shop", "x", lon, 31.1, 2, grid)


@pytest.fixture
def registry():
    return Registry(
        version=5,
        grids={
            "G1": Grid("G1", "one", 1, None, outline(121.0, 121.4)),
            "G2": Grid("G2", "two", 2, "G1", outline(121.0, 121.4)),
            "GA": Grid("GA", "a", 3, "G2", outline(121.0, 121.2)),
            "GB": Grid("GB", "b", 3, "G2", outline(121.2, 121.4)),
        },
        places={
            "P-west": place("P-west", 121.05, "GA"),
            "P-middle": place("P-middle", 121.15, "GA"),
            "P-by-hand": place("P-by-hand", 121.15, "GB"),
        },
        stations={
            "ST": Station("ST", "s", StationKind.UNIT, 121.1, 31.1, "GA", "1", 3, 60, Mode.FOOT),
        },
        people={"ann": Person("ann", "Ann", "1", "ST"), "bob": Person("bob", "Bob", "2")},
        duties=(Duty("ann", DutyKind.LEADER, "GB"),),
        shifts=(Shift("ST", 1, time(8), time(8), "bob"), Shift("ST", 2, time(8), time(8), "bob")),
        gateways={"GW": Gateway("GW", "gw", "P-west")},
        devices={f"D-{n}": Device(f"D-{n}", "smoke-photo", "GW", "P-west", id=n) for n in range(1, 6)},
        profiles=catalogue.load(),
    )


def test_a_new_place_gets_its_grid_by_position(registry):
    body = {"name": "n", "category": "shop", "address": "a", "lon": 121.3, "lat": 31.1, "floors": 3}
    after = change.put(registry, "places", "P-new", body)
    assert after.places["P-new"].grid == "GB"
    assert registry.places.keys() < after.places.keys()


def test_a_place_outside_every_small_grid_is_refused_and_nothing_changes(registry):
    body = {"name": "n", "category": "shop", "address": "a", "lon": 122, "lat": 31.1, "floors": 3}
    (reason,) = change.put(registry, "places", "P-new", body)
    assert "lies in no small grid" in reason
    assert "P-new" not in registry.places


def test_a_changed_device_keeps_its_id_and_all_its_mistakes_are_told(registry):
    body = {"profile": "smoke-heat", "gateway": "GW", "place": "P-west", "floor": 2}
    assert change.put(registry, "devices", "D-3", body).devices["D-3"] == Device(
        "D-3", "smoke-heat", "GW", "P-west", 2, id=3
    )
    problems = change.put(registry, "devices", "D-3", {**body, "profile": "x", "gateway": "GW-9"})
    assert problems == [
        "profile: there is no profile x; there are " + ", ".join(sorted(registry.profiles)),
        "gateway: there is no gateway GW-9",
    ]


def test_a_body_of_another_code_is_refused(registry):
    assert change.put(registry, "people", "ann", {"code": "bob", "name": "x", "phone": "1"}) == [
        "code: the address says 'ann', the body 'bob'"
    ]


def test_a_code_that_is_none_is_refused(registry):
    assert change.put(registry, "gateways", "_", {"name": "x", "place": "P-west"})[0].startswith(
        "code: '_' is not a code"
    )


def test_moving_a_border_moves_the_places_that_follow_their_position(registry):
    after = change.put(
        registry, "grids", "GA", {"name": "a", "level": 3, "parent": "G2", "geometry": geojson(121.0, 121.1)}
    )
    assert isinstance(after, list)
    assert "place P-middle: 121.15, 31.1 lies in no small grid" in after[0]
    wider = {"name": "b", "level": 3, "parent": "G2", "geometry": geojson(121.1, 121.4)}
    after = change.put(registry, "grids", "GB", wider)
    assert after.places["P-middle"].grid == "GA"  # both cover it, the smaller code has it
    narrower = {"name": "a", "level": 3, "parent": "G2", "geometry": geojson(121.0, 121.1)}
    after = change.put(after, "grids", "GA", narrower)
    assert {code: found.grid for code, found in after.places.items()} == {
        "P-west": "GA",
        "P-middle": "GB",
        "P-by-hand": "GB",
    }


def test_a_place_set_by_hand_stays_when_borders_move(registry):
    swapped = {"name": "a", "level": 3, "parent": "G2", "geometry": geojson(121.0, 121.21)}
    assert change.put(registry, "grids", "GA", swapped).places["P-by-hand"].grid == "GB"


def test_a_flawed_polygon_is_refused(registry):
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    (reason,) = change.put(registry, "grids", "GA", {"name": "a", "level": 3, "parent": "G2", "geometry": bow_tie})
    assert "Self-intersection" in reason
    (reason,) = change.put(registry, "grids", "GA", {"name": "a", "level": 3, "parent": "G2"})
    assert "no Polygon" in reason


def test_lifting_a_grid_to_another_level_is_refused_while_places_lie_in_it(registry):
    body = {"name": "a", "level": 2, "parent": "G1", "geometry": geojson(121.0, 121.2)}
    assert len(change.put(registry, "grids", "GA", body)) == 2


@pytest.mark.parametrize(
    ("noun", "code", "sentence"),
    [
        ("grids", "GB", "grid GB is still used by place P-by-hand, a duty (leader ann)"),
        ("grids", "G2", "grid G2 is still used by grid GA, grid GB"),
        ("stations", "ST", "station ST is still used by person ann, the roster of station ST (bob)"),
        ("people", "bob", "person bob is still used by the roster of station ST (bob)"),
        ("places", "P-west", "place P-west is still used by gateway GW, device D-1, device D-2 and 3 more"),
    ],
)
def test_what_is_still_used_is_not_deleted(registry, noun, code, sentence):
    assert change.delete(registry, noun, code) == [sentence]


def test_what_nobody_uses_is_deleted(registry):
    assert "P-middle" not in change.delete(registry, "places", "P-middle").places
    assert "D-1" not in change.delete(registry, "devices", "D-1").devices


def test_a_problem_that_was_there_before_does_not_block_another_change(registry):
    broken = change._with(registry, "devices", {"D-1": Device("D-1", "discontinued", "GW", "P-west", id=1)})
    after = change.put(broken, "people", "bob", {"name": "Bobby", "phone": "3"})
    assert after.people["bob"].name == "Bobby"


def test_unknown_nouns_and_codes_are_the_callers_error(registry):
    with pytest.raises(KeyError):
        change.put(registry, "duties", "x", {})
    with pytest.raises(KeyError):
        change.delete(registry, "places", "P-9")


# ---- duties of a person


def test_a_persons_duties_are_replaced_and_those_kept_keep_their_place(registry):
    person = next(iter(registry.people))
    grid = next(code for code, one in registry.grids.items() if one.level == 3)
    led = replace(registry, duties=(Duty(person, DutyKind.LEADER, grid), *registry.duties))
    after = change.charge(led, person, [{"duty": "member", "scope": grid}, {"duty": "leader", "scope": grid}])
    assert isinstance(after, Registry)
    assert after.duties[0] == Duty(person, DutyKind.LEADER, grid)
    assert after.duties[-1] == Duty(person, DutyKind.MEMBER, grid)
    assert after.duties_of(person) == (after.duties[0], after.duties[-1])
    without = change.charge(after, person, [])
    assert isinstance(without, Registry)
    assert without.duties_of(person) == ()
    assert [one for one in without.duties if one.person != person] == [
        one for one in registry.duties if one.person != person
    ]


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        ({"duty": "leader", "scope": "G-99"}, "G-99"),
        ({"duty": "leader", "scope": None}, "scope is empty"),
        ({"duty": "king", "scope": "G"}, "king"),
        ({"duty": "commander", "scope": "G"}, "a commander has none"),
    ],
)
def test_a_duty_that_cannot_be_is_refused_with_why(registry, duty, said):
    person = next(iter(registry.people))
    after = change.charge(registry, person, [duty])
    assert isinstance(after, list)
    assert said in "; ".join(after)


def test_nobody_unknown_is_charged(registry):
    with pytest.raises(KeyError):
        change.charge(registry, "nobody", [])


@pytest.mark.parametrize("noun", [noun for noun in change.NOUNS if noun != "grids"])
def test_a_row_as_it_is_told_can_be_put_again_and_changes_nothing(noun):
    registry = small()
    for code, value in getattr(registry, noun).items():
        after = change.put(registry, noun, code, columns.row(noun, value))
        assert isinstance(after, Registry), after
        assert getattr(after, noun)[code] == value
