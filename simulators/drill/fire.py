"""The fire as the place's gateway tells it: smoke rises at one detector, its neighbour alarms, later all is clear.

The smoke is that of the scenario's fire in the room it burns in (`simulators.physics`), told in a few seconds.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiomqtt
import numpy as np

from simulators.drill.scene import Item, Scene
from simulators.drill.story import Story
from simulators.physics import sensing, spread
from simulators.scenario import Scenario

STEP_S = 0.4
READINGS = 7
OVER = 1.3
"""The last reading is so many times the alarm level."""
CLEAN_AIR_DB_M, ROOM_C = 0.004, 20.0
LONGEST_S = 600.0
"""A fire whose smoke is not noticed in this time after its flames is none to play."""


@dataclass(slots=True)
class Fire:
    """Publishes for `scene` through `client`, everything marked as `drill`. `readings`: see `rising`; none where the
    sensor sends no values.
    """

    client: aiomqtt.Client
    topic: str
    scene: Scene
    readings: Sequence[tuple[float, float]]
    drill: str
    clock: Callable[[], datetime]
    seq: int = 0

    async def smoulder(self, story: Story) -> None:
        """Smoke has risen over the level; `at level` is seen the moment before that goes out."""
        if (level := self.scene.level) is None:
            story.see("at level")
            await self._event(self.scene.sensor, "fire")
            return
        for smoke_db_m, gas_c in self.readings:
            if smoke_db_m >= level:
                story.see("at level")
            await self._read(smoke_db_m, gas_c)
            await asyncio.sleep(STEP_S if smoke_db_m < level else 0.0)

    async def spread(self) -> None:
        """The neighbouring detector has raised fire."""
        await self._event(self.scene.neighbour, "fire")

    async def out(self) -> None:
        """The air is clean again and alarms are restored."""
        if self.scene.level is None:
            await self._event(self.scene.sensor, "fire_restore")
        else:
            await self._read(CLEAN_AIR_DB_M, ROOM_C)
        await self._event(self.scene.neighbour, "fire_restore")

    async def _read(self, smoke_db_m: float, gas_c: float) -> None:
        values = {"smoke_db_m": round(smoke_db_m, 4), "temperature_c": round(gas_c, 1)}
        reading = self._item(self.scene.sensor["code"]) | values
        await self.client.publish(f"{self.topic}/telemetry", json.dumps(reading), qos=1)

    async def _event(self, device: Item, event: str) -> None:
        item = self._item(device["code"]) | {"event": event}
        await self.client.publish(f"{self.topic}/event", json.dumps(item), qos=1)

    def _item(self, device: str) -> dict[str, object]:
        self.seq += 1
        ts = round(self.clock().timestamp() * 1000)
        return {"device": device, "ts": ts, "seq": self.seq, "drill": self.drill}


def rising(scenario: Scenario, level: float) -> list[tuple[float, float]]:
    """(dB/m, ℃) that a detector in the room that burns reads, evenly in time from ignition until `OVER` times `level`;
    only the last is at the level or over it.

    Raises ValueError when the scenario's fire never makes so much smoke.
    """
    hearth = scenario.hearth
    none, nowhere = np.empty(0), np.empty(0, np.int64)
    room = spread.Building(
        floor_m=np.zeros(1),
        height_m=np.full(1, hearth.height_m),
        area_m2=np.full(1, hearth.area_m2),
        a=nowhere,
        b=nowhere,
        width_m=none,
        top_m=none,
    )
    course = spread.course(
        room, 0, scenario.burning, scenario.burning.smoulders_s + LONGEST_S, base_m=hearth.above_floor_m
    )
    still = np.full_like(course.smoke_db_m, sensing.DRIFT_M_S)
    inside = CLEAN_AIR_DB_M + sensing.in_chamber(course.at_s, course.smoke_db_m, still)[:, 0]
    if inside.max() < OVER * level:
        raise ValueError(f"{scenario.name}: its smoke never reaches {level:g} dB/m in {hearth.area_m2:g} m²")
    over = int(np.argmax(inside >= OVER * level))
    below = int(np.argmax(inside >= level)) - 1
    moments = [*np.linspace(0, below, READINGS).round().astype(int)[1:], over]
    return [(float(inside[moment]), float(course.gas_c[moment, 0])) for moment in moments]
