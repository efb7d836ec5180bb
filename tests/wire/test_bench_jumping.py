"""A desk on a clock that jumps, with everybody's screens in its own process: what is pressed and due has its moment."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from desks import COMMAND, NOON, Hands, leading
from house import House, Screen
from jumping import JumpingClock, drive

from devices import instant
from devices.registry import Registry


async def test_a_crew_that_acknowledges_and_stays_lapses_on_the_second(
    tmp_path: Path, database: str, small_registry: Registry
) -> None:
    clock = JumpingClock(NOON)
    hands = Hands()
    hands.clock = clock.now  # type: ignore[method-assign]
    histories: dict[str, list[dict[str, Any]]] = {}
    answers: list[dict[str, Any]] = []

    async with leading(tmp_path, database, small_registry, hands) as desk:
        house = House(desk, ["station:ST-1", "station:ST-2", "command:main"], NOON + timedelta(days=1))

        def hear(_: Screen, frame: dict[str, Any]) -> None:
            if frame["type"] == "order":
                histories[frame["order"]["id"]] = frame["order"]["history"]

        async def play() -> None:
            opened = await desk.open_incident(COMMAND, {"place": "P-2", "kind": "fire", "source": "phone"})
            assert opened.ok
            await clock.reached(NOON + timedelta(seconds=40))
            screen = house.screens["station:ST-1"]
            words = {"type": "act", "order": "O-000001", "action": "acknowledge", "value": {}}
            answers.append(await house.said(screen, words))
            await clock.reached(NOON + timedelta(seconds=101))

        house.hear = hear
        playing = asyncio.create_task(play())
        await drive(clock, desk, lambda: int(not playing.done()) + house.reporting())
        await playing
        house.require_whole()

    assert answers[0]["ok"]
    told = [(one["event"], one["at"]) for one in histories["O-000001"]]
    seconds = {"drafted": 0, "sent": 0, "delivered": 0, "acknowledged": 40, "lapsed": 100}
    assert told == [(event, instant.text(NOON + timedelta(seconds=after))) for event, after in seconds.items()]
    assert histories["O-000001"][-1]["event"] == "lapsed"
