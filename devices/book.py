"""The files of one pack while they are read: where each row stood, what was taken, what was wrong. Pure."""

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from devices import cells, features, geometry, placement, rows, sheet
from devices.cells import Cells
from devices.fault import Fault
from devices.features import Feature
from devices.geometry import GridMap, Move
from devices.model import Closure, Device, Duty, Equipment, Grid, Lane, MultiPolygon, Place, Shift, Station, Water
from devices.references import Anything

_GRID_PROPERTIES = ("code", "name", "level", "parent")


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


Coded = TypeVar("Coded", bound=_Coded)
Item = TypeVar("Item", Duty, Shift, Equipment)


class Book:
    """`faults` and `notes` grow while files are read. `where`: (noun, key) -> file and line of each row taken.

    `elsewhere`: noun -> codes that stand in the pack although their rows have faults, so that what refers to them is
    not reported too.
    """

    def __init__(self, files: Mapping[str, bytes], move: Move) -> None:
        self._files = files
        self._move = move
        self._areas: GridMap | None = None
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.where: dict[tuple[str, Hashable], tuple[str, int]] = {}
        self.elsewhere: dict[str, Container[str]] = {}

    def refuse(self, file: str, line: int, reason: str) -> None:
        """`file` has one more fault."""
        self.faults.append(Fault(file, line, reason))

    def keyed(self, file: str, noun: str, parser: Callable[[Cells], Coded]) -> dict[str, Coded]:
        """Code -> value of the file's good rows, positions moved to WGS-84."""
        found: dict[str, Coded] = {}
        first_on: dict[str, int] = {}
        self.elsewhere[noun] = first_on
        for line, row in self._rows(file, noun):
            value = parser(row)
            self._claim(first_on, row, line)
            if self._sound(file, line, row):
                found[value.code] = self._in_wgs84(value)
                self.where[noun, value.code] = (file, line)
        return found

    def distinct(self, file: str, noun: str, parser: Callable[[Cells], Item | tuple[Item, ...]]) -> tuple[Item, ...]:
        """The values of the file's good rows, in its order; none may come twice."""
        found: list[Item] = []
        for line, row in self._rows(file, noun):
            read = parser(row)
            values = read if isinstance(read, tuple) else (read,)
            for value in values:
                earlier = self.where.get((noun, key_of(value)))
                if earlier is not None and not row.problems:
                    row.problems.append(f"the same stands on line {earlier[1]}")
            if self._sound(file, line, row):
                found.extend(values)
                self.where.update({(noun, key_of(value)): (file, line) for value in values})
        return tuple(found)

    def grids(self) -> dict[str, Grid]:
        """Code -> grid of the good features of grids.geojson."""
        file = "grids.geojson"
        found: dict[str, Grid] = {}
        drawn: list[tuple[Grid, MultiPolygon | None]] = []
        first_on: dict[str, int] = {}
        self.elsewhere["grids"] = first_on
        strange: Counter[str] = Counter()
        for feature in self._features(file, "grids"):
            row = cells.from_json(feature.properties, _GRID_PROPERTIES)
            strange.update(set(feature.properties) - set(_GRID_PROPERTIES))
            polygon = self._polygon(feature, row)
            grid = rows.grid(row, polygon or ())
            self._claim(first_on, row, feature.line)
            in_doubt = any(problem.startswith("level") for problem in row.problems)
            drawn.append((replace(grid, level=placement.SMALL) if in_doubt else grid, polygon))
            if self._sound(file, feature.line, row):
                found[grid.code] = grid
                self.where["grids", grid.code] = (file, feature.line)
        self.notes += [Fault(file, 0, f"property {name!r} is not known and is ignored") for name in sorted(strange)]
        self._areas = self._small_areas(drawn)
        return found

    def placed(self, places: Mapping[str, Place], grids: Mapping[str, Grid]) -> dict[str, Place]:
        """The places, each with its grid: the given one, else the one its position lies in."""
        if self._areas is None:
            return dict(places)
        by_position = placement.by_position(self._areas, places.values())
        found: dict[str, Place] = {}
        for place in places.values():
            lies_in = by_position[place.code]
            file, line = self.where["places", place.code]
            found[place.code] = place if place.grid else replace(place, grid=lies_in or "")
            if not place.grid and lies_in is None:
                self.refuse(file, line, placement.outside(self._areas, place))
            elif place.grid in grids and lies_in not in (None, place.grid):
                self.notes.append(
                    Fault(file, line, f"its position lies in grid {lies_in}, {place.grid} is kept as given")
                )
        return found

    def lanes(self) -> dict[str, Lane]:
        """Code -> fire lane; one without a code is called by its place in the file, `lane-1` and so on."""
        file = "lanes.geojson"
        found: dict[str, Lane] = {}
        first_on: dict[str, int] = {}
        for number, feature in enumerate(self._features(file, "lanes"), 1):
            row = cells.from_json({"code": f"lane-{number}", **feature.properties}, ("code",))
            code = row.code()
            self._claim(first_on, row, feature.line)
            try:
                form = geometry.lane(feature.geometry, self._move)
            except ValueError as error:
                row.problems.append(str(error))
                form = {}
            properties = features.canonical({**feature.properties, "code": code})
            if not features.storable(properties):
                row.problems.append("properties hold U+0000 or half a surrogate pair")
            if self._sound(file, feature.line, row):
                found[code] = Lane(code, features.canonical(form), properties)
        return found

    def _rows(self, file: str, noun: str) -> Iterator[tuple[int, Cells]]:
        if (data := self._files.get(file)) is None:
            self.elsewhere[noun] = Anything()
            return
        read = sheet.parse(file, data, *rows.COLUMNS[file])
        self.faults += read.faults
        self.notes += read.notes
        if not read.readable:
            self.elsewhere[noun] = Anything()
        yield from ((line, Cells(row)) for line, row in read.rows)

    def _features(self, file: str, noun: str) -> tuple[Feature, ...]:
        if (data := self._files.get(file)) is None:
            self.elsewhere[noun] = Anything()
            return ()
        read = features.parse(file, data)
        if isinstance(read, Fault):
            self.faults.append(read)
            self.elsewhere[noun] = Anything()
            return ()
        self.faults += read[1]
        return read[0]

    def _claim(self, first_on: dict[str, int], row: Cells, line: int) -> None:
        """The row's code is its own, or the row has a problem."""
        code = row.raw("code")
        if code and (first := first_on.setdefault(code, line)) != line:
            row.problems.append(f"code: {code} already stands on line {first}")

    def _sound(self, file: str, line: int, row: Cells) -> bool:
        self.faults += [Fault(file, line, problem) for problem in row.problems]
        return not row.problems

    def _polygon(self, feature: Feature, row: Cells) -> MultiPolygon | None:
        """The feature's polygon as far as it can be drawn at all."""
        try:
            polygon = geometry.multipolygon(feature.geometry, self._move)
        except ValueError as error:
            row.problems.append(str(error))
            return None
        if reason := geometry.flaw(polygon):
            row.problems.append(reason)
        return polygon

    def _small_areas(self, drawn: list[tuple[Grid, MultiPolygon | None]]) -> GridMap | None:
        """The small grids. One that has faults is kept as its hull or as its parent's outline, so that only places
        outside everything are reported beside it; None when that is not to be had either.
        """
        if isinstance(self.elsewhere["grids"], Anything):
            return None
        forms = {grid.code: geometry.stand_in(polygon) for grid, polygon in drawn if polygon is not None}
        areas = []
        for grid, polygon in drawn:
            if grid.level != placement.SMALL:
                continue
            form = geometry.stand_in(polygon) if polygon is not None else forms.get(grid.parent or "")
            if form is None:
                return None
            areas.append((grid.code, form))
        return GridMap(areas)

    def _in_wgs84(self, value: Coded) -> Coded:
        match value:
            case Place() | Station() | Water():
                lon, lat = self._move(value.lon, value.lat)
                return replace(value, lon=lon, lat=lat)
            case Device(lon=float(lon), lat=float(lat)) | Closure(lon=float(lon), lat=float(lat)):
                lon, lat = self._move(lon, lat)
                return replace(value, lon=lon, lat=lat)
            case _:
                return value


def key_of(value: Duty | Shift | Equipment) -> Hashable:
    """What makes a row of these one and the same: itself, of equipment the station and the item."""
    return (value.station, value.item) if isinstance(value, Equipment) else value
