"""Rivers and lakes of an OpenStreetMap file."""

import json

import pytest

from devices import rivers

NODES = "".join(
    f'<node id="{number}" lat="{lat}" lon="{lon}" version="1"/>'
    for number, (lon, lat) in enumerate([(120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.1)], 1)
)


def _drawn(*ways: str) -> list[dict]:
    text = f'<osm version="0.6">{NODES}{"".join(ways)}</osm>'
    return json.loads(rivers.geojson("roads.osm", text.encode()))["features"]


def _way(number: int, refs: list[int], **tags: str) -> str:
    inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    return f'<way id="{number}" version="1">{inner}</way>'


def test_a_closed_way_of_water_is_a_polygon():
    (lake,) = _drawn(_way(1, [1, 2, 3, 4, 1], natural="water"))
    assert lake["geometry"]["type"] == "Polygon"
    assert lake["geometry"]["coordinates"][0][0] == [120.0, 30.0]


def test_a_river_is_a_line_of_its_kind():
    (river,) = _drawn(_way(1, [1, 2, 3], waterway="river", name="柳河"))
    assert river["geometry"] == {"type": "LineString", "coordinates": [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1]]}
    assert river["properties"] == {"kind": "river"}


def test_streets_and_water_that_is_not_closed_are_left_out():
    assert _drawn(_way(1, [1, 2], highway="primary"), _way(2, [1, 2], natural="water")) == []


def test_a_node_the_file_lacks_is_passed_over():
    (river,) = _drawn(_way(1, [1, 99, 3], waterway="canal"))
    assert river["geometry"]["coordinates"] == [[120.0, 30.0], [120.1, 30.1]]


def test_what_is_no_openstreetmap_file_is_told_by_name():
    with pytest.raises(ValueError, match=r"roads\.osm"):
        rivers.geojson("roads.osm", b"not xml")
