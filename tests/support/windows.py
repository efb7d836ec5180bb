"""Windows of a real browser on a running system, and a network between them that can be cut."""

import contextlib
import socket
import threading
from pathlib import Path
from urllib.parse import quote

import audit
from outside import System
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

WALL: ViewportSize = {"width": 1920, "height": 1080}
DESK: ViewportSize = {"width": 1366, "height": 768}
HELD_MS = 1_250
"""A key that must be held a second has been."""
PHONE: ViewportSize = {"width": 390, "height": 844}
SIZES = {"wall": WALL, "desk": DESK, "phone": PHONE}


def hold(page: Page, key: Locator, ms: int = HELD_MS) -> None:
    """The mouse holds a key that must be held for `ms`; for `HELD_MS` or longer until the key has taken it."""
    key.hover()
    page.mouse.down()
    page.wait_for_timeout(ms)
    if ms >= HELD_MS:
        expect(key.and_(page.locator(".holding"))).to_be_hidden()
    page.mouse.up()


class Wire:
    """The network between browser and server, which can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._whole, self._flowing = threading.Event(), threading.Event()
        self._whole.set()
        self._flowing.set()
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection is gone, new ones are refused."""
        self._whole.clear()
        with self._lock:
            ends, self._ends = self._ends, []
        for one in ends:
            _close(one)

    def stall(self) -> None:
        """Every connection stays, and nothing comes or goes any more: as with a cable pulled behind the next switch."""
        self._flowing.clear()

    def mend(self) -> None:
        """New connections pass, and what was held back goes on."""
        self._whole.set()
        self._flowing.set()

    def close(self) -> None:
        """For good."""
        self.cut()
        self._flowing.set()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other, self._flowing), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, flowing: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            flowing.wait()
            sink.sendall(data)
    _close(sink)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


class Pages:
    """Opens pages logged in; keeps what they asked other servers for, what broke and what offends in them."""

    def __init__(self, system: System, browsers: dict[bool, Browser], pictures: Path | None) -> None:
        self.system = system
        self.strayed: list[str] = []
        self.broken: list[str] = []
        self.offences: list[str] = []
        self._browsers = browsers
        self._pictures = pictures
        self._contexts: list[BrowserContext] = []

    def blank(self, viewport: ViewportSize = WALL, *, sound: bool = True) -> Page:
        """A browser window of its own, at no address yet."""
        context = self._browsers[sound].new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        return page

    def open(
        self,
        name: str,
        role: str,
        code: str | None = None,
        *,
        viewport: ViewportSize = WALL,
        sound: bool = True,
        url: str | None = None,
    ) -> Page:
        """The page, connected."""
        page = self.blank(viewport, sound=sound)
        page.goto(f"{url or self.system.url}/{name}#token={quote(self.system.token(role, code))}")
        expect(page.get_by_text("已连接").first).to_be_visible()
        return page

    def picture(self, page: Page, name: str, *also: str) -> None:
        """The page as it stands is audited; pictures of it are kept where FIREGRID_PICTURES names a folder.

        `also` names further sizes ("desk", "phone") that it is pictured in, as NAME-SIZE.
        """
        self.offences += [f"{name}: {one}" for one in audit.offences(page)]
        if self._pictures is None:
            return
        self._shoot(page, name)
        size = page.viewport_size
        for one in also:
            page.set_viewport_size(SIZES[one])
            self._shoot(page, f"{name}-{one}")
        if also and size is not None:
            page.set_viewport_size(size)

    def _shoot(self, page: Page, name: str) -> None:
        if self._pictures is not None:
            page.screenshot(path=self._pictures / f"{name}.jpg", type="jpeg", quality=85)

    def close(self) -> None:
        """All windows are closed."""
        for one in self._contexts:
            one.close()

    def _note(self, url: str) -> None:
        local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        if not url.startswith(local):
            self.strayed.append(url)
