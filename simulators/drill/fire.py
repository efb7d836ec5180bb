"""The fire as the place's gateway tells it: smoke rises at one detector, its neighbour alarms, later all is clear."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiomqtt

from simulators.drill.scene import Scene
from simulators.drill.story import Story

STEP_S = 0.4
GROWTH = (0.05, 0.12, 0.25, 0.45, 0.7, 0.95, 1.3)
"""Smoke in shares of the alarm level, growing with the square of time as a fire's heat does; the last is over it."""
CLEAN_AIR_DB_M = 0.004


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
        for share in GROWTH:
            if share >= 1.0:
                story.see("at level")
            await self._read(share * self.scene.level)
            await asyncio.sleep(STEP_S if share < 1.0 else 0.0)

    async def spread(self) -> None:
        """The neighbouring detector has raised fire."""
        await self._event("fire")

    async def out(self) -> None:
        """The air is clean again and the neighbour's alarm restored."""
        await self._read(CLEAN_AIR_DB_M)
        await self._event("fire_restore")

    async def _read(self, smoke_db_m: float) -> None:
        reading = self._item(self.scene.sensor["code"]) | {"smoke_db_m": round(smoke_db_m, 4), "temperature_c": 24.0}
        await self.client.publish(f"{self.topic}/telemetry", json.dumps(reading), qos=1)

    async def _event(self, event: str) -> None:
        item = self._item(self.scene.neighbour["code"]) | {"event": event}
        await self.client.publish(f"{self.topic}/event", json.dumps(item), qos=1)

    def _item(self, device: str) -> dict[str, object]:
        self.seq += 1
        ts = round(self.clock().timestamp() * 1000)
        return {"device": device, "ts": ts, "seq": self.seq, "drill": self.drill}
