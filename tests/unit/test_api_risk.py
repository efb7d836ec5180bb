"""The risk of grids: what counts, how much, and which colour comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import risk
from api.risk import Colour, Ground, Past
from devices.model import Grid, Place
from devices.registry import Registry

FULL_GROUND = Ground(places=20, devices=10, hazard=16, people=10)
FULL_PAST = Past(incidents=1, false_alarms=2, place_minutes=20 * 50)

grounds = st.builds(Ground, st.integers(0, 500), st.integers(0, 5000), st.floats(0, 500), st.integers(0, 500))
pasts = st.builds(Past, st.integers(0, 999), st.integers(0, 999), st.floats(0, 1e6))


def test_a_grid_with_every_part_at_its_full_mark_is_red_with_a_hundred_points():
    found = risk.of(FULL_GROUND, FULL_PAST, out=2, watched_minutes=100)
    assert found.index == pytest.approx(100)
    assert found.colour is Colour.RED


def test_a_grid_without_places_has_no_risk():
    found = risk.of(Ground(), Past(incidents=3), out=0, watched_minutes=100)
    assert (found.index, found.colour) == (0, Colour.BLUE)


def test_half_of_a_full_mark_gives_half_of_the_points():
    parts = {one.name: one for one in risk.of(FULL_GROUND, FULL_PAST, out=1, watched_minutes=100).parts}
    assert (parts["devices"].points, parts["devices"].weight) == (7.5, 15)
    assert parts["devices"].value == 0.1


def test_what_nobody_watched_counts_for_nothing_and_says_so():
    parts = {one.name: one for one in risk.of(FULL_GROUND, FULL_PAST, out=0, watched_minutes=0).parts}
    assert (parts["uncovered"].value, parts["uncovered"].points) == (None, 0)


@given(grounds, pasts, st.integers(0, 9999), st.floats(0, 1e6))
def test_the_index_is_between_nothing_and_a_hundred_and_grows_with_every_incident(about, past, out, watched):
    found = risk.of(about, past, out, watched)
    assert 0 <= found.index <= 100
    worse = Past(past.incidents + 1, past.false_alarms, past.place_minutes)
    assert risk.of(about, worse, out, watched).index >= found.index


@pytest.mark.parametrize(
    ("index", "colour"),
    [
        (60, Colour.RED),
        (59.9, Colour.ORANGE),
        (40, Colour.ORANGE),
        (39.9, Colour.YELLOW),
        (20, Colour.YELLOW),
        (19.9, Colour.BLUE),
    ],
)
def test_the_limits_belong_to_the_graver_colour(index, colour):
    assert next(one for limit, one in risk.LIMITS if index >= limit) is colour


def test_a_place_says_its_hazard_itself_or_by_its_category():
    def place(category: str, said: str | None) -> Place:
        return Place("P", "P", category, "", 0, 0, 1, "G3", risk=said)

    assert risk.hazard(place("office", "red")) == 1
    assert risk.hazard(place("住宅", "较高")) == 0.7
    assert risk.hazard(place("three_in_one", None)) == 1
    assert risk.hazard(place("lighthouse", "whatever")) == 0.4


def test_a_grid_counts_what_lies_in_it_and_below():
    square = ((((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),),)
    registry = Registry(
        grids={"G1": Grid("G1", "", 1, None, square), "G3": Grid("G3", "", 3, "G1", square)},
        places={"P": Place("P", "P", "office", "", 0.5, 0.5, 1, "G3", vulnerable="1 person")},
    )
    assert risk.ground(registry) == {code: Ground(places=1, hazard=0.2, people=1) for code in ("G1", "G3")}
