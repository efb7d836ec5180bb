"""Rivers and lakes of a district's OpenStreetMap file, drawn under its streets: they say why a near station is far.

Ways only: lakes mapped as multipolygon relations are left out, a map without them misleads nobody.
"""

from typing import Any

import msgspec
import osmium

STREAMS = frozenset({"river", "canal", "stream"})


def geojson(name: str, source: bytes) -> bytes:
    """A GeoJSON FeatureCollection: closed ways of `natural=water` or `waterway=riverbank` as Polygons, others of
    `STREAMS` as LineStrings, with property `kind`. `name` ends in `.osm` or `.osm.pbf`.

    Raises ValueError when `source` is not such a file.
    """
    form = "pbf" if name.endswith(".pbf") else "osm"
    try:
        ways = _ways(source, form)
        spots = _spots(source, form, {ref for _, refs in ways for ref in refs})
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise ValueError(f"{name}: cannot be read as OpenStreetMap data: {error}") from error
    features = [_feature(kind, [spots[ref] for ref in refs if ref in spots]) for kind, refs in ways]
    return msgspec.json.encode(
        {"type": "FeatureCollection", "features": [feature for feature in features if feature is not None]}
    )


def _ways(source: bytes, form: str) -> list[tuple[str, list[int]]]:
    found = []
    for way in osmium.FileProcessor(osmium.io.FileBuffer(source, form), osmium.osm.WAY):
        kind = _kind(dict(way.tags)) if isinstance(way, osmium.osm.Way) else None
        if kind is not None and isinstance(way, osmium.osm.Way):
            found.append((kind, [node.ref for node in way.nodes]))
    return found


def _kind(tags: dict[str, str]) -> str | None:
    if tags.get("natural") == "water" or tags.get("waterway") == "riverbank":
        return "water"
    return tags["waterway"] if tags.get("waterway") in STREAMS else None


def _spots(source: bytes, form: str, wanted: set[int]) -> dict[int, list[float]]:
    return {
        node.id: [round(node.lon, 6), round(node.lat, 6)]
        for node in osmium.FileProcessor(osmium.io.FileBuffer(source, form), osmium.osm.NODE)
        if node.id in wanted and isinstance(node, osmium.osm.Node) and node.location.valid()
    }


def _feature(kind: str, line: list[list[float]]) -> dict[str, Any] | None:
    if len(line) > 3 and line[0] == line[-1] and kind == "water":
        return {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "Polygon", "coordinates": [line]},
        }
    if len(line) > 1 and kind != "water":
        return {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "LineString", "coordinates": line},
        }
    return None
