"""What screens that come back saw of a stream of fires in which the leader was killed."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import failover
from failover import Seen
from returning import Returning

from devices import instant

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def frame(id: str, place: str, incident: str, state: str = "drafted", *, further: str | None = None) -> dict[str, Any]:
    places = [{"code": code} for code in (place, further) if code is not None]
    drafted = instant.text(NOON + timedelta(seconds=int(id[2:])))
    return {
        "type": "order",
        "order": {"id": id, "incident": incident, "place": places[0], "places": places, "state": state,
                  "drafted_at": drafted},
    }  # fmt: skip


@pytest.fixture
def screen() -> Returning:
    return Returning("ws://bench", "station:ST-1", "token", lambda _screen, _frame: None)


def seen(screen: Returning, *frames: dict[str, Any]) -> Seen:
    found = Seen(fires={"P-1": 0.0, "P-2": 0.0})
    for one in frames:
        found.hear(screen, one)
    return found


def test_a_fire_that_joins_another_is_shown_by_the_orders_of_that_one(screen: Returning) -> None:
    found = seen(screen, frame("O-1", "P-1", "I-1"), frame("O-1", "P-1", "I-1", "acknowledged", further="P-2"))
    assert failover._wrong(found, [screen]) == []


def test_what_is_missing_or_there_twice_is_named(screen: Returning) -> None:
    screen.gaps = 1
    found = failover._wrong(
        seen(screen, frame("O-1", "P-1", "I-1"), frame("O-1", "P-1", "I-1"), frame("O-2", "P-1", "I-2")), [screen]
    )
    assert [one.partition(":")[0] for one in found] == [
        "the fire at P-2 is on no screen", "P-1 burns in ['I-1', 'I-2']", "O-1 was told 2 times as new", "station",
    ]  # fmt: skip


def test_the_next_order_is_the_first_that_was_drafted_after_the_kill(screen: Returning) -> None:
    found = seen(screen, frame("O-1", "P-1", "I-1"), frame("O-5", "P-2", "I-2"), frame("O-9", "P-3", "I-3"))
    assert found.after(NOON + timedelta(seconds=4)) == found.orders["O-5"][1]
    assert found.after(NOON + timedelta(seconds=9)) is None
