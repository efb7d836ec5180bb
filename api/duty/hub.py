"""Who is connected: the desk's frames are spread to every socket of their recipient."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from api import metrics
from api.desk import Desk, Shape
from api.duty import session, shown
from api.duty.line import Line, Parcel
from api.identity import Identity
from devices import instant
from devices.registry import Registry

NO_LEADER = "this desk leads no more; connect again"


class Hub:
    """Lines by recipient, and by order those of who came by a link. Everything here runs on the loop's thread without
    waiting, so joining leaves no gap.
    """

    def __init__(self, desk: Desk, clock: Callable[[], datetime], registry: Callable[[], Registry]) -> None:
        self._desk = desk
        self._clock = clock
        self._registry = registry
        self._lines: dict[str, set[Line]] = {}
        self._linked: dict[str, set[Line]] = {}
        desk.screens = self.screens
        desk.listen(self.deliver)

    def screens(self, recipient: str) -> int:
        """How many sockets the recipient has."""
        return len(self._lines.get(recipient, ()))

    def deliver(self, recipient: str, seq: int, frame: bytes, orders: tuple[str, ...]) -> None:
        """The frame is on every line of its recipient, an order also before the station's crew and who has a link to
        it; nobody waits for anybody.
        """
        for line, order in self._onlookers(recipient, orders, frame):
            line.put(Parcel(session.shown(order)))
        lines = self._lines.get(recipient)
        if not lines:
            return
        parcel = Parcel(frame.decode(), seq, orders)
        for line in lines:
            line.put(parcel)

    def _onlookers(self, recipient: str, orders: tuple[str, ...], frame: bytes) -> Iterator[tuple[Line, Shape]]:
        """Whose line shows another's order, or one by a link, each with the order as they may see it."""
        if not orders:
            return
        crew = shown.crew(self._registry(), recipient)
        lines = [line for person in crew for line in self._lines.get(f"person:{person}", ())]
        lines += self._linked.get(orders[0], ())
        if not lines:
            return
        order = msgspec.json.decode(frame)["order"]
        for line in lines:
            yield line, shown.to(order, line.recipient)

    def link(self, who: Identity, order: str) -> Line:
        """A line of who came by a link to one order: nothing on it has a number, and the welcome says how it stands."""
        line = Line(who.recipient or "", 0)
        now, found = instant.text(self._clock()), shown.linked(self._desk, who, order)
        text = session.welcome(
            line.recipient, self._desk.stream, 0, now, resumed=False, orders=[], checks=[], shown=found
        )
        line.put(Parcel(text))
        self._linked.setdefault(order, set()).add(line)
        metrics.SOCKETS.labels("link").inc()
        return line

    def join(self, recipient: str, stream: str | None, after: int | None) -> tuple[Line, bool]:
        """A new line with the welcome on it, the frames after `after` where those are kept (then True), and what comes.

        One step on the loop: no frame can come between looking and joining. A frame that is numbered but not yet
        handed to `deliver` is replayed here and left out there, since the line knows its last number.
        """
        desk = self._desk
        seq = desk.last_seq(recipient)
        orders, checks = desk.open_orders(recipient), desk.open_checks(recipient)
        missed = self._missed(recipient, stream, after, seq)
        line = Line(recipient, seq if missed is None or after is None else after)
        now = instant.text(self._clock())
        text = session.welcome(
            recipient,
            desk.stream,
            seq,
            now,
            resumed=missed is not None,
            orders=orders,
            checks=checks,
            flood=desk.flood(recipient),
            shown=shown.open_to(desk, self._registry(), recipient),
        )
        line.put(Parcel(text, orders=tuple(order["id"] for order in orders)))
        for number, frame in missed or ():
            line.replay(Parcel(frame.decode(), number))
        self._lines.setdefault(recipient, set()).add(line)
        metrics.SOCKETS.labels(recipient.partition(":")[0]).inc()
        return line, missed is not None

    def dismiss(self) -> None:
        """Every socket is to connect again, wherever the desk that leads is."""
        for lines in (*self._lines.values(), *self._linked.values()):
            for line in lines:
                line.sever(NO_LEADER)

    def leave(self, line: Line) -> None:
        """The line's socket is gone."""
        for order in [order for order, lines in self._linked.items() if line in lines]:
            self._linked[order].remove(line)
            metrics.SOCKETS.labels("link").dec()
            if not self._linked[order]:
                del self._linked[order]
        lines = self._lines.get(line.recipient, set())
        if line in lines:
            lines.remove(line)
            metrics.SOCKETS.labels(line.recipient.partition(":")[0]).dec()
        if not lines:
            self._lines.pop(line.recipient, None)

    def _missed(
        self, recipient: str, stream: str | None, after: int | None, seq: int
    ) -> list[tuple[int, bytes]] | None:
        if after is None or stream != self._desk.stream or not 0 <= after <= seq:
            return None
        return self._desk.frames_after(recipient, after)
