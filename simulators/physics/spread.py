"""How smoke fills a building: a warm layer under each ceiling, joined by doors and stairs (a two-zone model)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulators.physics import fuel, plume
from simulators.physics.fuel import Burning

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]

DISCHARGE = 0.7
"""Of a doorway (Emmons, SFPE Handbook, vent flows)."""
ENTRAINED = 0.5
"""Clean air that joins the smoke behind a door, by its mass. Assumption."""
LEAST_RISE_K = 0.3
"""So much warmer than the air smoke is at least while it flows: cooler it only drifts. Assumption."""
WALL_W_M2K = 15.0
"""Heat that ceiling and walls take from the layer (10 to 30 in compartment fire practice; Quintiere)."""
SMOULDERING_KJ_G = 6.0
"""Heat of smouldering, the lower end of 6 to 12 (Ohlemiller, SFPE Handbook)."""
LOW_M = 0.6
"""Height over which flames draw in air even where the layer hangs lower. Assumption."""
CHANGES_PER_S = 1.0 / 3600
"""Air that goes out through cracks, and smoke that settles: a room's content once an hour. Assumption."""
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Building:
    """Rooms by number, float64[rooms]: floor level, height, m, area, m²; and openings [k] between rooms `a` and `b`:
    width and upper edge above the lowest floor, m. A stair is a high room with an opening on each floor.
    """

    floor_m: Floats
    height_m: Floats
    area_m2: Floats
    a: Indexes
    b: Indexes
    width_m: Floats
    top_m: Floats

    def __post_init__(self) -> None:
        rooms, openings = len(self.floor_m), len(self.a)
        if not (len(self.height_m) == len(self.area_m2) == rooms):
            raise ValueError("floor_m, height_m and area_m2 need one number for each room")
        if not (len(self.b) == len(self.width_m) == len(self.top_m) == openings):
            raise ValueError("a, b, width_m and top_m need one number for each opening")
        if openings and not (min(self.a.min(), self.b.min()) >= 0 and max(self.a.max(), self.b.max()) < rooms):
            raise ValueError(f"an opening names a room that is not there: rooms are 0 to {rooms - 1}")


@dataclass(frozen=True, slots=True)
class Course:
    """What happened: float64[moments] seconds since ignition; [moments, rooms] of light taken by the smoke under the
    ceiling (dB/m), its temperature (℃) and the height of clean air above the room's floor (m); heat in kW.
    """

    at_s: Floats
    smoke_db_m: Floats
    gas_c: Floats
    clear_m: Floats
    heat_kw: Floats


class _Layers:
    """The warm layers: mass kg, heat above the air's kJ, smoke of flames and of smouldering g; float64[rooms] each."""

    def __init__(self, building: Building) -> None:
        self._building = building
        self.kept = np.zeros((4, len(building.floor_m)))

    def warm_k(self) -> Floats:
        """Temperature above the air's."""
        mass, heat = self.kept[0], self.kept[1]
        rise: Floats = np.divide(heat, mass * plume.AIR_J_GK, out=np.zeros_like(mass), where=mass > 1e-9)
        return rise

    def volume_m3(self) -> Floats:
        """Of the layers, at most the room's."""
        full = self._building.area_m2 * self._building.height_m
        found: Floats = np.minimum(self.kept[0] * (plume.AMBIENT_K + self.warm_k()) / plume.DENSITY_K, full)
        return found

    def clear_m(self) -> Floats:
        """Height of clean air above each room's floor."""
        left: Floats = self._building.height_m - self.volume_m3() / self._building.area_m2
        return left

    def smoke_db_m(self) -> Floats:
        """Light taken by the smoke of each layer."""
        volume = self.volume_m3()
        there = volume > 1e-6
        flames, smouldering = (
            np.divide(part, volume, out=np.zeros_like(volume), where=there) for part in (self.kept[2], self.kept[3])
        )
        return fuel.db_m(flames, smouldering)

    def feed(self, room: int, mass_kg: float, heat_kj: float, flames_g: float, smouldering_g: float) -> None:
        """The fire's gas has risen into the layer of its room."""
        self.kept[:, room] += (mass_kg, heat_kj, flames_g, smouldering_g)

    def flow(self, seconds: float) -> None:
        """Smoke below the upper edge of an opening has gone through it, where the layer hangs lower on this side."""
        house = self._building
        level = house.floor_m + self.clear_m()
        warm = np.maximum(self.warm_k(), LEAST_RISE_K)
        deeper = np.maximum(house.top_m - level[house.a], 0.0), np.maximum(house.top_m - level[house.b], 0.0)
        source = np.where(deeper[0] >= deeper[1], house.a, house.b)
        sink = np.where(deeper[0] >= deeper[1], house.b, house.a)
        head = np.abs(deeper[0] - deeper[1])
        gas = plume.AMBIENT_K + warm[source]
        speed = np.sqrt(2 * plume.GRAVITY * warm[source] / plume.AMBIENT_K)
        flow = 2 / 3 * DISCHARGE * house.width_m * plume.DENSITY_K / gas * speed * head**1.5 * seconds
        mass = np.maximum(self.kept[0], 1e-12)
        out = np.bincount(source, flow, len(mass))
        share = (flow / mass[source]) * np.minimum(1.0, 0.5 * mass / np.maximum(out, 1e-12))[source]
        moved = share * self.kept[:, source]
        for row in range(4):
            self.kept[row] += np.bincount(sink, moved[row], len(mass)) - np.bincount(source, moved[row], len(mass))
        self.kept[0] += ENTRAINED * np.bincount(sink, moved[0], len(mass))

    def settle(self, seconds: float) -> None:
        """Walls have taken heat; what has no room left has gone out, and through cracks a little of the rest."""
        house = self._building
        depth = house.height_m - self.clear_m()
        walls = house.area_m2 + 4 * np.sqrt(house.area_m2) * depth
        held = np.maximum(self.kept[0] * plume.AIR_J_GK, 1e-9)
        self.kept[1] *= np.exp(-WALL_W_M2K / 1000 * walls * seconds / held)
        fits = house.area_m2 * house.height_m * plume.DENSITY_K / (plume.AMBIENT_K + self.warm_k())
        self.kept *= np.minimum(1.0, fits / np.maximum(self.kept[0], 1e-12)) * np.exp(-CHANGES_PER_S * seconds)


def course(
    building: Building, room: int, burning: Burning, seconds: float, *, base_m: float = 0.5, every_s: float = 1.0
) -> Course:
    """`burning` in `room`, its foot `base_m` above the floor, for `seconds`; told `every_s`. Deterministic."""
    steps = round(seconds / STEP_S)
    at = np.arange(steps + 1, dtype=np.float64) * np.float64(STEP_S)
    heat = burning.heat_kw(at)
    flames, smouldering = burning.smoke_g_s(at)
    warms = heat + smouldering / burning.stuff.smoke_smouldering * SMOULDERING_KJ_G
    layers, told = _Layers(building), round(every_s / STEP_S)
    kept: list[tuple[Floats, Floats, Floats]] = []
    for step in range(steps + 1):
        if step % told == 0:
            gas_c = plume.AMBIENT_K - 273.15 + layers.warm_k()
            kept.append((layers.smoke_db_m(), gas_c, layers.clear_m()))
        rises = max(layers.clear_m()[room] - base_m, LOW_M)
        risen = float(plume.risen_kg_s(warms[step : step + 1], np.array([rises]))[0])
        layers.feed(
            room, *(STEP_S * each for each in (risen, plume.CONVECTIVE * warms[step], flames[step], smouldering[step]))
        )
        layers.flow(STEP_S)
        layers.settle(STEP_S)
    smoke, gas, clear = (np.array(column) for column in zip(*kept, strict=True))
    return Course(at[::told], smoke, gas, clear, heat[::told])
