"""The fire as the place's gateway tells it: smoke rises at one detector, its neighbour alarms, later all is clear.

The smoke is that of a pan of oil in a small kitchen (`simulators.physics`), told in a few seconds.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiomqtt
import numpy as np

from simulators.drill.scene import Scene
from simulators.drill.story import Story
from simulators.physics import sensing, spread
from simulators.physics.fuel import STUFFS, Burning, Growth

STEP_S = 0.4
READINGS = 7
OVER = 1.3
"""The last reading is so many times the alarm level."""
CLEAN_AIR_DB_M, ROOM_C = 0.004, 20.0
PAN = Burning(STUFFS["oil"], Growth.MEDIUM, peak_kw=250.0, fuel_mj=30.0, smoulders_s=240.0, smoulder_g_s=0.05)
"""Oil that fumes for some minutes before it burns: three quarters of a litre. Assumption."""


@dataclass(slots=True)
class Fire:
    """Publishes for `scene` through `client`, everything marked as `drill`."""

    client: aiomqtt.Client
    topic: str
    scene: Scene
    drill: str
    clock: Callable[[], datetime]
    seq: int = 0

    async def smoulder(self, story: Story) -> None:
        """Smoke has risen over the level; `at level` is seen the moment before that reading goes out."""
        for smoke_db_m, gas_c in rising(self.scene.level):
            if smoke_db_m >= self.scene.level:
                story.see("at level")
            await self._read(smoke_db_m, gas_c)
            await asyncio.sleep(STEP_S if smoke_db_m < self.scene.level else 0.0)

    async def spread(self) -> None:
        """The neighbouring detector has raised fire."""
        await self._event("fire")

    async def out(self) -> None:
        """The air is clean again and the neighbour's alarm restored."""
        await self._read(CLEAN_AIR_DB_M, ROOM_C)
        await self._event("fire_restore")

    async def _read(self, smoke_db_m: float, gas_c: float) -> None:
        values = {"smoke_db_m": round(smoke_db_m, 4), "temperature_c": round(gas_c, 1)}
        reading = self._item(self.scene.sensor["code"]) | values
        await self.client.publish(f"{self.topic}/telemetry", json.dumps(reading), qos=1)

    async def _event(self, event: str) -> None:
        item = self._item(self.scene.neighbour["code"]) | {"event": event}
        await self.client.publish(f"{self.topic}/event", json.dumps(item), qos=1)

    def _item(self, device: str) -> dict[str, object]:
        self.seq += 1
        ts = round(self.clock().timestamp() * 1000)
        return {"device": device, "ts": ts, "seq": self.seq, "drill": self.drill}


def rising(level: float) -> list[tuple[float, float]]:
    """(dB/m, ℃) that a detector in the kitchen of the burning pan reads, evenly in time from the first fumes until
    `OVER` times `level`; only the last is at the level or over it.
    """
    none, nowhere = np.empty(0), np.empty(0, np.int64)
    kitchen = spread.Building(
        floor_m=np.zeros(1),
        height_m=np.full(1, 2.7),
        area_m2=np.full(1, 8.0),
        a=nowhere,
        b=nowhere,
        width_m=none,
        top_m=none,
    )
    course = spread.course(kitchen, 0, PAN, PAN.smoulders_s + 600.0, base_m=0.9)
    still = np.full_like(course.smoke_db_m, sensing.DRIFT_M_S)
    inside = CLEAN_AIR_DB_M + sensing.in_chamber(course.at_s, course.smoke_db_m, still)[:, 0]
    over = int(np.argmax(inside >= OVER * level))
    below = int(np.argmax(inside >= level)) - 1
    moments = [*np.linspace(0, below, READINGS).round().astype(int)[1:], over]
    return [(float(inside[moment]), float(course.gas_c[moment, 0])) for moment in moments]
