"""Townlet, running: every journey drives a real `firegrid up` from outside."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import commands
import pytest
import townlet
from clusters import Model
from outside import Gateway, Http, Screen, System

Start = Callable[..., System]


@pytest.fixture(scope="session")
def pack(server_temp: Path) -> Path:
    """Townlet's district pack."""
    return townlet.write(server_temp / "townlet", at=datetime.now(UTC))


def _inhabited(folder: Path, model: Model, pack: Path, rate: float = 1.0, **environment: str) -> Iterator[System]:
    system = System(folder, rate=rate, environment=environment)
    model.furnish(folder)
    try:
        system.start()
        commands.spare_processes(system)
        system.say("import", pack)
        viewer = system.http("viewer")
        system.until(lambda: len(viewer.get("/api/devices")["items"]) == len(townlet.MODELS), "the registry is taken")
        yield system
        for one in system.opened:
            one.close()
        assert system.stop() == 0, system.said()
        assert system.processes() == []
    finally:
        system.end()


@pytest.fixture(scope="session")
def town(server_temp: Path, model: Model, pack: Path) -> Iterator[System]:
    """Townlet on its own system; the clock is the real one."""
    yield from _inhabited(server_temp / "town", model, pack)


@pytest.fixture(scope="session")
def hasty_town(server_temp: Path, model: Model, pack: Path) -> Iterator[System]:
    """The same, but twelve seconds pass in one. It is morning there when it begins: at night only fire climbs."""
    east = (9 - datetime.now(UTC).hour + 11) % 24 - 11  # hours, from -11 to 12
    yield from _inhabited(server_temp / "hasty", model, pack, rate=12, FIREGRID_TIMEZONE=f"Etc/GMT{-east:+d}")


@pytest.fixture
def peace(town: System) -> System:
    """The town without alarms to begin with."""
    town.settle()
    return town


@pytest.fixture
def command(peace: System) -> Http:
    """HTTP as the command centre."""
    return peace.http("command")


@pytest.fixture
def west(peace: System) -> Iterator[Gateway]:
    """The gateway at P-LANE."""
    with peace.gateway("GW-W") as one:
        yield one


@pytest.fixture
def screens(peace: System) -> Iterator[Callable[..., Screen]]:
    """Opens screens that are gone when the test ends."""
    opened: list[Screen] = []

    def open_one(role: str, code: str | None = None, **hello: object) -> Screen:
        opened.append(peace.screen(role, code, **hello))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
