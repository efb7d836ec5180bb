import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from devices import geometry
from devices.geometry import GridMap


def stay(lon, lat):
    return lon, lat


def square(west, south, size=1.0):
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


# a 4 x 4 board of squares, names not in the order of their places
BOARD = {
    f"G-{(column * 7 + row * 5) % 16:02d}": geometry.to_shape(
        geometry.multipolygon({"type": "Polygon", "coordinates": square(120 + column * 0.1, 30 + row * 0.1, 0.1)}, stay)
    )
    for column in range(4)
    for row in range(4)
}
inside = st.floats(0, 0.4)
on_border = st.sampled_from([0.0, 0.1, 0.2, 0.30000000000000004, 0.4])


@given(st.lists(st.tuples(inside | on_border, inside | on_border), min_size=1, max_size=20))
def test_each_position_is_in_exactly_one_grid_the_smallest_that_covers_it(offsets):
    positions = [(120 + east, 30 + north) for east, north in offsets]
    for position, found in zip(positions, GridMap(BOARD.items()).find(positions), strict=True):
        covering = sorted(code for code, form in BOARD.items() if form.covers(shapely.Point(position)))
        assert found == (covering[0] if covering else None)
    whole = shapely.union_all(list(BOARD.values()))
    for position, found in zip(positions, GridMap(BOARD.items()).find(positions), strict=True):
        assert found is not None or not whole.contains_properly(shapely.Point(position))


@given(st.permutations(sorted(BOARD)), st.tuples(inside | on_border, inside | on_border))
def test_the_order_of_grids_in_the_file_does_not_matter(order, offset):
    position = (120 + offset[0], 30 + offset[1])
    shuffled = GridMap((code, BOARD[code]) for code in order)
    assert shuffled.find([position]) == GridMap(BOARD.items()).find([position])


def test_on_a_shared_corner_the_smallest_code_has_it():
    corners = GridMap(BOARD.items()).find([(120.1, 30.1)])
    around = [code for code, form in BOARD.items() if form.covers(shapely.Point(120.1, 30.1))]
    assert corners == [min(around)]
    assert len(around) > 1


def test_outside_there_is_none_and_the_nearest_is_told_in_metres():
    areas = GridMap(BOARD.items())
    assert areas.find([(119.99, 30.05)]) == [None]
    code, metres = areas.nearest(119.99, 30.05)
    assert BOARD[code].distance(shapely.Point(119.99, 30.05)) == pytest.approx(0.01)
    assert metres == pytest.approx(963, abs=2)


def test_a_hole_is_outside():
    rings = [square(0, 0, 3)[0], square(1, 1)[0]]
    hollow = GridMap([("G", geometry.to_shape(geometry.multipolygon({"type": "Polygon", "coordinates": rings}, stay)))])
    assert hollow.find([(1.5, 1.5), (0.5, 0.5)]) == [None, "G"]


@pytest.mark.parametrize(
    ("coordinates", "reason"),
    [
        ([[[0, 0], [1, 0], [1, 1], [0, 1]]], "not closed"),
        ([[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]], "Self-intersection"),
        ([[[0, 0], [1, 0], [2, 0], [0, 0]]], "not valid"),
        ([square(0, 0)[0], square(2, 2)[0]], "Hole lies outside"),
    ],
)
def test_a_flawed_polygon_is_explained(coordinates, reason):
    polygon = geometry.multipolygon({"type": "Polygon", "coordinates": coordinates}, stay)
    assert reason in (geometry.flaw(polygon) or "")


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], ["a", 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [True, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [200, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "MultiPolygon", "coordinates": square(0, 0)},
    ],
)
def test_what_is_no_polygon_is_refused(value):
    with pytest.raises(ValueError, match="geometry"):
        geometry.multipolygon(value, stay)


def test_a_sound_polygon_has_no_flaw():
    assert geometry.flaw(geometry.multipolygon({"type": "Polygon", "coordinates": square(0, 0)}, stay)) is None


@pytest.mark.parametrize(
    "value",
    [
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "LineString", "coordinates": []},
        {"type": "LineString", "coordinates": [[0, 0], [1, "x"]]},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": [0, 0]},
    ],
)
def test_a_lane_that_cannot_be_drawn_is_refused(value):
    with pytest.raises(ValueError, match="geometry"):
        geometry.lane(value, stay)


def test_a_lane_is_moved_and_loses_its_height():
    moved = geometry.lane(
        {"type": "LineString", "coordinates": [[0, 0, 9], [1, 1, 9]]}, lambda lon, lat: (lon + 1, lat)
    )
    assert moved["coordinates"] == [[1.0, 0.0], [2.0, 1.0]]
