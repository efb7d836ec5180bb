"""Real Chromium looking at the pages of a real system on the townlet (tests/support)."""

import os
import shutil
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import commands
import outside
import pytest
import townlet
from clusters import Model
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from windows import Pages, Wire

STATIC = Path(__file__).parents[2] / "api" / "static"
MAY_SOUND = "--autoplay-policy=no-user-gesture-required"
# the address bar's own pop-ups are pages too, drawn anew for each window: half of what a window costs. The others are
# those of the driver that matter here; the flag given last is the one that counts.
NO_FRILLS = (
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,"
    "HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,Translate"
)

expect.set_options(timeout=20_000)


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        warnings.warn("NO CHROMIUM: the screens were not tested. Install Debian's package chromium.", stacklevel=2)
        pytest.skip("no chromium on this machine; Debian's package is called chromium")
    return found


class Browsers(dict[bool, Browser]):
    """Chromium that lets pages sound at once (True), and one that asks for a click first (False), once it is needed."""

    def __init__(self, playwright: Playwright, executable: str) -> None:
        super().__init__()
        self._playwright, self._executable = playwright, executable

    def __missing__(self, sounding: bool, /) -> Browser:  # noqa: FBT001 - a key
        args = ["--no-sandbox", "--disable-dev-shm-usage", NO_FRILLS, *([MAY_SOUND] if sounding else [])]
        self[sounding] = self._playwright.chromium.launch(executable_path=self._executable, args=args)
        return self[sounding]


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    """Both, as they are needed."""
    executable = _chromium()
    if not (STATIC / "station.html").is_file():
        warnings.warn(
            "NO SCREENS: they are not built, so they were not tested. `make screens` builds them.", stacklevel=2
        )
        pytest.skip("the screens are not built: make screens")
    with sync_playwright() as playwright:
        opened = Browsers(playwright, executable)
        yield opened
        for one in opened.values():
            one.close()


@pytest.fixture(scope="session")
def running(browsers: Browsers, model: Model, server_temp: Path) -> Iterator[outside.System]:
    """The townlet, served by `firegrid up`."""
    assert browsers is not None
    system = outside.System(server_temp / "screens")
    model.furnish(system.data)
    try:
        system.start()
        commands.spare_processes(system)
        pack = townlet.write(server_temp / "townlet-for-screens", at=datetime.now(UTC))
        system.say("import", pack)
        _until_known(system)
        yield system
    finally:
        system.end()


def _until_known(system: outside.System) -> None:
    http = system.http("admin")
    system.until(lambda: http.get("/api/stations")["items"], "the imported district is served")


@pytest.fixture
def system(running: outside.System) -> outside.System:
    """The running system in peace."""
    running.settle()
    return running


@pytest.fixture
def wire(system: outside.System) -> Iterator[Wire]:
    """A network to cut."""
    made = Wire(system.http_port)
    yield made
    made.close()


@pytest.fixture
def pages(system: outside.System, browsers: Browsers) -> Iterator[Pages]:
    """Windows on the system; a test fails when a page broke, asked another server for anything, or offends."""
    folder = os.environ.get("FIREGRID_PICTURES")
    made = Pages(system, browsers, Path(folder) if folder else None)
    yield made
    made.close()
    assert made.strayed == []
    assert made.broken == []
    assert not made.offences, "\n".join(made.offences)
