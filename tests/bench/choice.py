"""Choosing among ten thousand stations on ninety thousand nodes; coverage of a hundred thousand places."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from bench import Bench
from figure import Figure, at_most
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from devices.model import Mode, Person, Place, Station, StationKind
from devices.registry import Registry
from devices.streets import MODES, StreetNetwork
from dispatch.choosing import choice as choosing
from dispatch.choosing.ranking import Verdict
from dispatch.policy.policy import Policy
from dispatch.state.state import State
from dispatch.ways import ground
from dispatch.ways.roads import Roads
from dispatch.world import World
from runtime.survey import Survey

SIDE = 300
"""Streets in each direction: 90,000 crossings, some 90 m apart."""
STATIONS = 10_000
PLACES = 100_000
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MODES_OF_TEN = (*[Mode.EBIKE] * 5, *[Mode.FOOT] * 2, *[Mode.VEHICLE] * 2, Mode.MOTORCYCLE)


def run(bench: Bench) -> list[Figure]:
    """All figures; the fires are in places that no search has been made for."""
    dice = random.Random(1)
    streets = _streets()
    with bench.step(f"{STATIONS:,} stations on {SIDE * SIDE:,} crossings"):
        registry = _registry(dice, streets)
        roads = Roads(streets)
        survey = Survey(registry, roads, Policy().travel_limit_s)
    count = max(bench.size.samples // 5, 20)
    fires = [(place.lon, place.lat) for place in dice.sample(list(registry.places.values()), count)]
    world = World(
        registry, Policy(), survey.travel, lambda _recipient: 1, lambda at: at, survey.grid_at, near=survey.near
    )
    choice_ms = [_ms(lambda fire=fire: _choose(world, fire)) for fire in fires]
    loop_ms = [_ms(lambda fire=fire: _plainly(survey, registry, fire)) for fire in fires[:10]]
    bare = _bare(streets)
    starts = [dice.randrange(SIDE * SIDE) for _ in fires[:20]]
    bare_ms = [_ms(lambda at=at: dijkstra(bare, indices=[at])) for at in starts]
    return [
        Figure(f"choice among {STATIONS:,} stations on {SIDE * SIDE:,} nodes, a place not searched before", choice_ms,
               "ms", 1, at_most(10, "≤ 10 ms"),
               [("all stations by one full search a mode, sorted", loop_ms), ("scipy's bare dijkstra, once", bare_ms)],
               remark="four modes of travel, to the order's candidates"),
        *_coverage(bench, registry, roads),
    ]  # fmt: skip


def _coverage(bench: Bench, registry: Registry, roads: Roads) -> list[Figure]:
    with bench.step(f"where {PLACES:,} places stand"):
        began = time.perf_counter()
        on = ground.survey(registry, roads, Policy().travel_limit_s)
        stood = time.perf_counter() - began
    free = np.ones(STATIONS, np.bool_)
    few = np.arange(STATIONS) % 50 == 0
    return [
        Figure(f"coverage of {PLACES:,} places, once for a registry", [stood], "s", 1),
        *(
            Figure(f"coverage of {PLACES:,} places by {int(some.sum()):,} free crews", seconds, "s", 2)
            for some in (free, few)
            for seconds in ([_ms(lambda some=some: ground.picture(on, some, 180)) / 1000 for _ in range(3)],)
        ),
    ]


def _choose(world: World, fire: tuple[float, float]) -> None:
    ranking = choosing.rank(world, State(), fire, NOW, {}, set())
    ranking.candidates(next(one for one in ranking if one.verdict is Verdict.FREE))


def _plainly(survey: Survey, registry: Registry, fire: tuple[float, float]) -> None:
    """What was done before: each station's time by a search of the whole district, all of them sorted."""
    stations = list(registry.stations.values())
    times = survey.travel(fire, stations)
    sorted((one.muster_s + seconds, one.code) for one, (seconds, _) in zip(stations, times, strict=True))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _streets() -> StreetNetwork:
    """A town of crossings that are not quite in rows, with streets of differing speed."""
    dice = np.random.default_rng(1)
    count = SIDE * SIDE
    node = np.arange(count)
    east_m, north_m = (90.0 * axis + dice.normal(0, 15, count) for axis in (node % SIDE, node // SIDE))
    north = 1 / 111_195.08
    one = np.concatenate((node[node % SIDE < SIDE - 1], node[node < count - SIDE]))
    other = np.concatenate((node[node % SIDE < SIDE - 1] + 1, node[node < count - SIDE] + SIDE))
    start, end = np.concatenate((one, other)), np.concatenate((other, one))
    length_m = np.hypot(east_m[start] - east_m[end], north_m[start] - north_m[end])
    mps = np.array([2.5, 5, 7, 6])[:, None] * dice.uniform(0.7, 1.3, len(start))
    return StreetNetwork(
        lon=121 + east_m * north / np.cos(np.radians(31.0)),
        lat=31 + north_m * north,
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        length_m=length_m.astype(np.float32),
        seconds=(length_m / mps).astype(np.float32),
        way_offset=np.zeros(1, np.int32),
        way_node=np.zeros(0, np.int32),
        way_class=np.zeros(0, np.int8),
        way_name=np.zeros(0, np.str_),
    )


def _bare(streets: StreetNetwork) -> csr_array:
    count = len(streets.lon)
    seconds = streets.seconds[MODES.index(Mode.EBIKE)].astype(np.float64)
    return csr_array((seconds, (streets.end, streets.start)), shape=(count, count))


def _registry(dice: random.Random, streets: StreetNetwork) -> Registry:
    def spot() -> tuple[float, float]:
        return (
            dice.uniform(float(streets.lon.min()), float(streets.lon.max())),
            dice.uniform(float(streets.lat.min()), float(streets.lat.max())),
        )

    stations = {
        code: Station(code, "", StationKind.COMMUNITY, *spot(), "G", "", 6, 45, dice.choice(MODES_OF_TEN))
        for code in (f"ST-{number:05d}" for number in range(STATIONS))
    }
    places = {code: Place(code, "", "mall", "", *spot(), 3, "G") for code in (f"P-{n:06d}" for n in range(PLACES))}
    people = {
        code: Person(code, "", "", f"ST-{number % STATIONS:05d}")
        for number, code in enumerate(f"W-{number:05d}" for number in range(6 * STATIONS))
    }
    return Registry(places=places, stations=stations, people=people)
