"""Which small grid each place lies in, by its position (DESIGN decision 12). Pure.

A place on a border, or where polygons overlap, is in the grid with the smallest code.
"""

from collections.abc import Iterable, Mapping

from devices.geometry import GridMap, overlaps, to_shape
from devices.model import Grid, Place

SMALL = 3
WORTH_A_NOTE = 0.01
"""Share of the smaller of two grids; borders drawn twice differ by less."""


def small_grids(grids: Iterable[Grid]) -> GridMap:
    """The small grids, ready to be asked."""
    return GridMap((grid.code, to_shape(grid.polygon)) for grid in grids if grid.level == SMALL)


def by_position(areas: GridMap, places: Iterable[Place]) -> dict[str, str | None]:
    """Place code -> code of the small grid that its position lies in, None for outside all of them."""
    asked = list(places)
    found = areas.find([(place.lon, place.lat) for place in asked])
    return {place.code: grid for place, grid in zip(asked, found, strict=True)}


def outside(areas: GridMap, place: Place) -> str:
    """What to tell the user of a place that lies in no small grid."""
    nearest = areas.nearest(place.lon, place.lat)
    hint = f" (the nearest, {nearest[0]}, is {nearest[1]:.0f} m away)" if nearest else ""
    return f"{place.lon}, {place.lat} lies in no small grid{hint}: correct the position or give its grid"


def oddities(grids: Mapping[str, Grid]) -> list[tuple[str, str]]:
    """Grid code and what is odd about where it lies: outside its parent, or upon another small grid."""
    forms = {grid.code: to_shape(grid.polygon) for grid in grids.values()}
    odd = []
    for grid in grids.values():
        inner = forms[grid.code].representative_point()
        if grid.parent in forms and not forms[grid.parent].covers(inner):
            odd.append((grid.code, f"most of it lies outside its parent {grid.parent}"))
    small = {code: form for code, form in forms.items() if grids[code].level == SMALL}
    for one, other, share in overlaps(small):
        if share >= WORTH_A_NOTE:
            smaller = min(one, other)
            odd.append(
                (max(one, other), f"{share:.0%} of it or of {smaller} lies in both: places there are {smaller}'s")
            )
    return odd


def followers(before: GridMap, places: Mapping[str, Place]) -> list[Place]:
    """The places whose grid is the one their position gives: they follow when polygons change, the others were set by
    hand and stay.
    """
    found = by_position(before, places.values())
    return [place for place in places.values() if found[place.code] == place.grid]
