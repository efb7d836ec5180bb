"""A duty screen that connects again whenever it is cut off, going on after the last frame it has."""

import threading
import time
from contextlib import suppress

from outside import Frame, Screen, System, until
from websockets.exceptions import WebSocketException


class Watcher:
    """It has every frame once, each with the real monotonic time of its arrival.

    `answering`: whoever is behind it acknowledges each order at once, again after a lost connection if need be.
    """

    def __init__(self, system: System, role: str, code: str | None, *, answering: bool = False) -> None:
        self._url, self._token = system.websocket, system.token(role, code)
        self._answering = answering
        self._unanswered: dict[str, None] = {}
        self._pressed: dict[str, Screen] = {}
        self._seqs: set[int] = set()
        self.recipient = role if code is None else f"{role}:{code}"
        self.frames: list[Frame] = []
        self.arrived: list[float] = []
        self.repeated: list[Frame] = []
        self.welcomes: list[Frame] = []
        self.alarmed: dict[str, list[float]] = {}
        """Device -> when frames named an alarm of it in an order that somebody is still to acknowledge."""
        self.live: Screen | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until(lambda: self.live, "the screen is welcomed")

    def _run(self) -> None:
        while not self._over.is_set():
            hello = {}
            if self.welcomes:
                hello = {"stream": self.welcomes[-1]["stream"], "after": self.last_seq}
            try:
                screen = Screen(self._url, self._token, **hello)
            except (OSError, AssertionError, EOFError, WebSocketException):
                time.sleep(0.2)
                continue
            self.welcomes.append(screen.welcome)
            self.live = screen
            taken = 0
            while screen.closed is None and not self._over.is_set():
                taken = self._take(screen, taken)
                self._answer(screen)
                time.sleep(0.01)
            self.live = None
            screen.close()
            self._take(screen, taken)

    def _take(self, screen: Screen, taken: int) -> int:
        """The screen's frames from index `taken` on are heeded; the index after them."""
        new = list(zip(screen.frames[taken:], screen.times[taken:], strict=False))
        for frame, at in new:
            if frame["type"] not in ("order", "incident"):
                continue
            if frame["seq"] in self._seqs:
                self.repeated.append(frame)
                continue
            self._seqs.add(frame["seq"])
            self.frames.append(frame)
            self.arrived.append(at)
            self._heed(frame, at)
        return taken + len(new)

    def _heed(self, frame: Frame, at: float) -> None:
        if frame["type"] != "order":
            return
        order = frame["order"]
        if order["state"] not in ("drafted", "sent", "delivered", "lapsed"):
            self._unanswered.pop(order["id"], None)
            return
        self._unanswered[order["id"]] = None
        for alarm in order["alarms"]:
            self.alarmed.setdefault(alarm["device"], []).append(at)

    def _answer(self, screen: Screen) -> None:
        if not self._answering:
            return
        for id in list(self._unanswered):
            if self._pressed.get(id) is not screen:
                self._pressed[id] = screen
                screen.say(type="act", ref=f"{id}-acknowledge", order=id, action="acknowledge")

    @property
    def last_seq(self) -> int:
        """The last number it has."""
        return max(self._seqs, default=self.welcomes[0]["seq"])

    def seqs(self) -> list[int]:
        """The numbers of its frames in order of arrival."""
        return [frame["seq"] for frame in self.frames]

    def orders(self) -> list[Frame]:
        """ORDERs as they came."""
        return [frame["order"] for frame in self.frames if frame["type"] == "order"]

    def press(self, order: str, action: str) -> None:
        """It is pressed until there is an answer; the same ref each time, so it counts once."""

        def answered() -> bool:
            screen = self.live
            if screen is None:
                return False
            with suppress(AssertionError):
                return bool(screen.press(order, action, ref=f"{order}-{action}")["ok"])
            return False

        until(answered, f"{action} {order} is answered", 60)

    def close(self) -> None:
        """It is switched off."""
        self._over.set()
        self._thread.join(60)
