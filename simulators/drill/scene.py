"""Where it burns: a place with an analogue smoke detector and a neighbour of it, chosen by seed."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices.profile import Level, Profile
from devices.streets import distance_m
from simulators.dice import Dice
from simulators.scenario import Scenario

ANALOGUE_INTERVAL_S = 600
"""A detector that reports at least this often is one whose rising values would be seen."""
NEAR = 8
"""How many of the nearest stations have their people ready before it burns; others are fetched when ordered."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """`sensor` sends rising values and alarms at `level` (dB/m), or, where that is None, only says that it burns; its
    `neighbour` does that too. Both stand in `place` behind `gateway`.
    """

    place: Item
    sensor: Item
    neighbour: Item
    gateway: str
    level: float | None

    @property
    def grids(self) -> list[str]:
        """Codes of the place's grids, small to large."""
        return [grid["code"] for grid in self.sensor["grid"]]


def _smoke_level(profile: Profile | None) -> Level | None:
    """The level of smoke at which the model alarms, if it sends values often enough to show a rise."""
    if profile is None or profile.interval_s > ANALOGUE_INTERVAL_S or profile.fields:
        return None
    return next((level for level in profile.levels if level.column == "smoke_db_m" and level.at_least), None)


def choose(
    places: Sequence[Item],
    devices: Sequence[Item],
    profiles: Mapping[str, Profile],
    busy: Container[str],
    seed: int,
    scenario: Scenario,
) -> Scene:
    """The scene of `seed`, the same for the same district: where values can be seen to rise, if there is such a place.

    `busy`: small grids with an open incident are left alone, for their leaders have something else to do.

    Raises ValueError when no place is fit for it.
    """
    smoke: dict[str, list[Item]] = {}
    for device in sorted(devices, key=lambda one: str(one["code"])):
        if device["kind"] == "smoke":
            smoke.setdefault(device["place"], []).append(device)
    scenes: list[Scene] = []
    for place in sorted(places, key=lambda one: str(one["code"])):
        if place["category"] in scenario.categories:
            scenes += _scenes(place, smoke.get(place["code"], []), profiles, scenario.room)
    scenes = [scene for scene in scenes if not any(grid in busy for grid in scene.grids[:1])]
    if not scenes:
        raise ValueError(
            f"{' and '.join(scenario.categories)}: no such place has two smoke detectors behind one gateway, in a grid "
            "without an open incident: import a district that has, such as the demo's"
        )
    return Dice(seed, scenario.name).pick([scene for scene in scenes if scene.level is not None] or scenes)


def _scenes(place: Item, devices: Sequence[Item], profiles: Mapping[str, Profile], room: str) -> list[Scene]:
    """The scene of `place`, in the room that is asked for if it has one; none where it is not fit."""
    fit = [(device, _smoke_level(profiles.get(device["profile"]))) for device in devices]
    fit.sort(key=lambda pair: (pair[1] is None, room not in (pair[0]["room"] or "")))
    for sensor, level in fit:
        near = [one for one in devices if one["code"] != sensor["code"] and one["gateway"] == sensor["gateway"]]
        if near:
            floor = sensor["floor"] or 0
            neighbour = min(near, key=lambda one: (abs((one["floor"] or 0) - floor), one["code"]))
            return [Scene(place, sensor, neighbour, sensor["gateway"], level.at_least if level else None)]
    return []


def nearest(scene: Scene, stations: Sequence[Item]) -> list[str]:
    """Codes of the place's own station and of the nearest by line that are on duty; brigades are not ordered."""
    own = scene.place.get("station")
    ready = [one for one in stations if one["kind"] != "brigade" and one["on_duty"] and one["code"] != own]
    there = np.array([(one["lon"], one["lat"]) for one in ready], np.float64).reshape(-1, 2)
    here = np.array([scene.place["lon"], scene.place["lat"]], np.float64)
    order = np.argsort(distance_m(here[:1], here[1:], there[:, 0], there[:, 1]), kind="stable")
    return [*([own] if own else []), *(str(ready[index]["code"]) for index in order[:NEAR])]


def leaders(scene: Scene, people: Sequence[Item]) -> list[str]:
    """Codes of the first leader of each of the place's grids, small to large."""
    found = []
    for grid in scene.grids:
        duty = {"duty": "leader", "scope": grid}
        found += [str(one["code"]) for one in people if duty in one["duties"]][:1]
    return found
