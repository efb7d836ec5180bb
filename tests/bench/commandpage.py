"""The command page in a real Chromium on a real system: how long its frames are with a thousand incidents open."""

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import storm as storms
from alarms import gateway
from crowd import issuer, registered
from figure import Figure, Target, at_most, percentile
from playwright.sync_api import Page, sync_playwright
from system import BenchTrouble, System, until

from api.identity import Role

GOAL_MS = 100.0
SETTLED_WITHIN_S = 300.0

_WATCH = """() => {
  window.frames_ms = [];
  let last = null;
  const look = (at) => {
    if (last !== null) window.frames_ms.push(at - last);
    last = at;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
_SCROLL = """() => {
  const list = document.querySelector('[role="list"][tabindex="-1"]');
  window.scrolling = setInterval(() => list.scrollTop = (list.scrollTop + 90) % (list.scrollHeight - 500), 50);
}"""


def measured(system: System, fires: int, seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """The figures. A storm of `fires` breaks out while the page is open; then it is watched for twice `seconds` while
    orders lapse, stations are called and lists are read, at rest and while somebody scrolls; then it is opened anew.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise BenchTrouble("no chromium on this machine; Debian's package is called chromium")
    token = issuer(system).issue(Role.COMMAND, None, datetime.now(UTC) + timedelta(days=1))
    drawn, sent = storms.draw(registered(system), fires, 0, seed=1), dict[str, float]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        address = f"http://127.0.0.1:{system.http_port}/command#token={token}"
        page.goto(address)
        page.get_by_text("已连接").first.wait_for()
        page.evaluate(_WATCH)
        sockets = [gateway(system.broker.url(), f"pages-{number}") for number in range(storms.SOCKETS)]
        storms.publish(sockets, drawn, sent)
        began = min(sent.values())
        opened = _settled(system, fires)
        _until_shown(page, opened)
        shown_s = time.perf_counter() - began
        say(f"{opened:,} incidents are open and on the page")
        in_storm = _frames(page, 0)
        at_rest = _frames(page, seconds)
        page.evaluate(_SCROLL)
        scrolled = _frames(page, seconds)
        for one in sockets:
            one.close()
        page.close()
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        began = time.perf_counter()
        page.goto(address)
        _until_shown(page, opened)
        again_s = time.perf_counter() - began
        browser.close()
    goal = at_most(GOAL_MS, f"≤ {GOAL_MS:.0f} ms")
    return [
        *(_figure(words, opened, found, goal) for words, found in (
            ("while they break out", in_storm), ("under change", at_rest), ("under change, list scrolled", scrolled),
        )),
        Figure("first fire to all incidents counted on the page", [shown_s], "s", 1),
        Figure(f"page opened anew to {opened:,} incidents listed", [again_s], "s", 1),
    ]  # fmt: skip


def _settled(system: System, fires: int) -> int:
    """How many incidents are open, once every fire is an alarm and no more are coming."""
    until(lambda: int(system.query("SELECT count(*) FROM alarms")) >= fires, "all are decided", SETTLED_WITHIN_S)
    before = -1

    def still() -> bool:
        nonlocal before
        time.sleep(2)
        known = int(system.query("SELECT count(*) FROM incidents WHERE state = 'open'"))
        known, before = before, known
        return known == before > 0

    until(still, "the incidents are decided", SETTLED_WITHIN_S)
    return before


def _until_shown(page: Page, count: int) -> None:
    page.wait_for_function(
        "count => Number(document.querySelector('nav h2 span')?.textContent) >= count",
        arg=count,
        timeout=SETTLED_WITHIN_S * 1000,
    )


def _frames(page: Page, seconds: float) -> list[float]:
    """Milliseconds between the frames of the next `seconds`; 0: of those since the last were taken."""
    if seconds:
        page.evaluate("() => { window.frames_ms.length = 0; }")
        page.wait_for_timeout(seconds * 1000)
    found: list[float] = page.evaluate("() => window.frames_ms.splice(0)")
    return found


def _figure(words: str, opened: int, found: list[float], goal: Target) -> Figure:
    name = f"frame time of the command page, {opened:,} incidents, {words}, p95"
    remark = f"p50 {percentile(found, 0.5):.0f} ms, at most {max(found):.0f} ms, {len(found):,} frames"
    return Figure(name, [percentile(found, 0.95)], "ms", 0, goal, remark=remark)
