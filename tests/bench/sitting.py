"""The pages left open for an hour in a real Chromium while incidents come and go and the network is pulled."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from crowd import issuer, registered
from figure import Figure, Target
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from system import BenchTrouble, System
from windows import Wire

from api.identity import Role
from devices.model import DutyKind

WARM_S = 300.0
"""Until then a page may still gather what it keeps for good."""
ROUND_S = 15.0
"""Every so often an incident is opened; half as long it stays open."""
CUT_EVERY = 12
"""Rounds, in the last of which the network is away."""
AWAY_S = 8.0
GROWTH = 1.25
"""So much more heap than once warm is still met: what a garbage search leaves varies."""


@dataclass
class _Seat:
    """One page that stays open. `counts`: seconds since the beginning, heap in MB, nodes, listeners."""

    name: str
    page: Page
    session: CDPSession
    counts: list[tuple[float, float, float, float]] = field(default_factory=list)

    def count(self, at_s: float) -> None:
        """One more."""
        self.session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        heap = found["JSHeapUsedSize"] / 1e6
        self.counts.append((at_s, heap, found["Nodes"], found["JSEventListeners"]))

    def grown(self) -> tuple[list[float], list[float]]:
        """Heap, nodes and listeners once warm, and of late: medians of three counts each."""
        warm = [one for one in self.counts if one[0] >= WARM_S][:3] or self.counts[:3]
        return _middle(warm), _middle(self.counts[-3:])


def measured(system: System, minutes: float, say: Callable[[str], None]) -> list[Figure]:
    """The figures. Every quarter of a minute an incident is opened and taken back; every three the network is away for
    some seconds, and each page must say so and be back by itself.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise BenchTrouble("no chromium on this machine; Debian's package is called chromium")
    wire = Wire(system.http_port)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            seats = _seats(system, browser, wire.url)
            cuts, incidents = _sit(system, seats, wire, minutes, say)
            browser.close()
    finally:
        wire.close()
    words = f"{minutes:.0f} minutes, {incidents:,} incidents, {cuts} cuts of the network"
    return [figure for seat in seats for figure in _figures(seat, words)]


def _seats(system: System, browser: Browser, url: str) -> list[_Seat]:
    registry, tokens = registered(system), issuer(system)
    leader = next(one.person for one in registry.duties if one.duty == DutyKind.LEADER)
    watched = next(one.scope for one in registry.duties if one.duty == DutyKind.CONTROL_ROOM)
    asked = (
        ("station", "/station", Role.STATION, next(iter(registry.stations))),
        ("leader", "/leader", Role.PERSON, leader),
        ("control room", "/control-room", Role.CONTROL_ROOM, watched),
        ("command", "/command", Role.COMMAND, None),
        ("wall", "/command?wall", Role.COMMAND, None),
        ("administration", "/admin", Role.ADMIN, None),
    )
    seats = []
    for name, path, role, code in asked:
        token = tokens.issue(role, code, datetime.now(UTC) + timedelta(days=1))
        page = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN").new_page()
        page.goto(f"{url}{path}#token={token}")
        page.get_by_text("已连接").first.wait_for()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        seats.append(_Seat(name, page, session))
    return seats


def _sit(system: System, seats: list[_Seat], wire: Wire, minutes: float, say: Callable[[str], None]) -> tuple[int, int]:
    """How often the network was cut, and how many incidents there were."""
    token = issuer(system).issue(Role.COMMAND, None, datetime.now(UTC) + timedelta(days=1))
    places, cuts, rounds = list(registered(system).places), 0, 0
    url, headers = f"http://127.0.0.1:{system.http_port}", {"Authorization": f"Bearer {token}"}
    began = time.monotonic()
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
        while (passed := time.monotonic() - began) < minutes * 60:
            body = {"place": places[rounds * 7 % len(places)], "kind": "fire", "source": "phone"}
            made = http.post("/api/incidents", json=body).raise_for_status().json()["id"]
            seats[0].page.wait_for_timeout(ROUND_S * 500)
            http.post(f"/api/incidents/{made}/stand-down").raise_for_status()
            http.post(f"/api/incidents/{made}/verdict", json={"verdict": "test"}).raise_for_status()
            rounds += 1
            if rounds % CUT_EVERY == 0:
                _cut(seats, wire)
                cuts += 1
            if rounds % 4 == 0:
                for seat in seats:
                    seat.count(passed)
                say(", ".join(f"{seat.name} {seat.counts[-1][1]:.1f} MB {seat.counts[-1][2]:.0f}" for seat in seats))
            seats[0].page.wait_for_timeout(ROUND_S * 500)
    return cuts, rounds


def _cut(seats: list[_Seat], wire: Wire) -> None:
    """Each page that keeps a line has said that it is lost, and is connected again."""
    wire.cut()
    seats = [seat for seat in seats if seat.name != "administration"]
    for seat in seats:
        seat.page.get_by_text("已连接").first.wait_for(state="hidden")
    seats[0].page.wait_for_timeout(AWAY_S * 1000)
    wire.mend()
    for seat in seats:
        seat.page.get_by_text("已连接").first.wait_for()


def _middle(counts: list[tuple[float, float, float, float]]) -> list[float]:
    return [sorted(column)[len(column) // 2] for column in list(zip(*counts, strict=True))[1:]]


def _figures(seat: _Seat, words: str) -> list[Figure]:
    warm, late = seat.grown()
    goal = Target(f"≤ {GROWTH} × once warm", lambda figure: figure.ratio() <= GROWTH)
    said = (("heap", "MB", 1), ("document nodes", "", 0), ("listeners", "", 0))
    return [
        Figure(
            f"{what} of the {seat.name} page after {words}", [now], unit, digits, goal, [("after 5 minutes", [then])]
        )
        for (what, unit, digits), then, now in zip(said, warm, late, strict=True)
    ]
