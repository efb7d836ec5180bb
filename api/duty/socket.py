"""One websocket: what the session and the line decide is read and written here.

Three tasks share it. The reader hears the client; the writer empties the line and beats; the reporter tells the desk,
in order, what was sent, received and pressed. Writing never waits for the desk; a press heard is always carried out,
and waits for no answer to what was reported before it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import assert_never

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from api import access, metrics, token
from api.access import Verb
from api.desk import Desk
from api.duty import session
from api.duty.hub import NO_LEADER, Hub
from api.duty.line import Parcel
from api.duty.session import Act, Answer, Close, Handover, Hello, Pressed, Received, Session, Unfit
from api.identity import Identity
from api.press import answer_check, hand_over, press
from api.token import Tokens
from devices import instant
from devices.registry import Registry

log = structlog.get_logger()

BEAT_EVERY_S = 5.0
STALLED_S = 10.0
"""A frame the socket does not take for so long: its screen is cut off, and resumes when it can."""
DRAIN_S = 5.0
_REASON = 123  # bytes a close frame has for its reason (RFC 6455 5.5)
INBOX = 64
"""Client frames waiting for the desk; when full, no more are read from this socket."""


class Door:
    """Lets screens in: what every socket needs."""

    def __init__(
        self,
        desk: Desk,
        hub: Hub,
        tokens: Tokens,
        registry: Callable[[], Registry],
        clock: Callable[[], datetime],
        beat_every_s: float = BEAT_EVERY_S,
    ) -> None:
        self.desk = desk
        self.hub = hub
        self.clock = clock
        self.beat_every_s = beat_every_s
        self._tokens = tokens
        self._registry = registry

    async def serve(self, websocket: WebSocket) -> None:
        """The screen was served until it or we closed."""
        await websocket.accept()
        talk = Session()
        try:
            close = await self._converse(websocket, talk)
        except WebSocketDisconnect:
            return
        if close is not None:
            metrics.CUT.labels(str(close.code)).inc()
            await _say_goodbye(websocket, close)

    def admit(self, hello: Hello) -> Identity | Close:
        """Who the hello's token belongs to, or why they may not take part."""
        try:
            who = self._tokens.verify(hello.token, self.clock())
        except token.Refused as refused:
            return Close(session.WHO_ARE_YOU, str(refused))
        registry = self._registry()
        if access.area(registry, who, Verb.LISTEN).empty:
            return Close(session.NOT_YOURS, f"role {who.role} takes no part here; use the HTTP interface")
        if not access.registered(registry, who):
            return Close(session.NOT_YOURS, f"{who.recipient} is not registered")
        if not self.desk.leading():
            return Close(session.TRY_AGAIN, "this desk is not leading; try again")
        return who

    def objection(self, who: Identity) -> Close | None:
        """Why somebody admitted earlier may stay no longer; None while they may."""
        if not self._tokens.stands(who, self.clock()):
            return Close(session.WHO_ARE_YOU, "the token has expired or was revoked; sign in again")
        if not access.registered(self._registry(), who):
            return Close(session.NOT_YOURS, f"{who.recipient} is not registered any more")
        return None

    async def _converse(self, websocket: WebSocket, talk: Session) -> Close | None:
        try:
            async with asyncio.timeout(session.HELLO_WITHIN_S):
                said = talk.hear(await _receive(websocket))
        except TimeoutError:
            return talk.silent()
        if isinstance(said, Close):
            return said
        if not isinstance(said, Hello):
            raise TypeError("a session opens with hello or close")
        who = self.admit(said)
        if isinstance(who, Close):
            return who
        return await _Screen(self, websocket, talk, who, said).run()


class _Screen:
    """One admitted socket."""

    def __init__(self, door: Door, websocket: WebSocket, talk: Session, who: Identity, hello: Hello) -> None:
        if who.recipient is None:
            raise ValueError("only who receives frames is let in")
        self._door = door
        self._websocket = websocket
        self._talk = talk
        self._who = who
        self._recipient = who.recipient
        if who.order is not None:
            self._line, resumed = door.hub.link(who, who.order), False
        else:
            self._line, resumed = door.hub.join(self._recipient, hello.stream, hello.after)
        self._reports = _Reports()
        talk.frames_sent = self._line.written
        if resumed and hello.after:  # asking for what follows a frame says that it has arrived
            talk.frames_received = hello.after
            self._reports.hear(Received(hello.after))

    async def run(self) -> Close | None:
        """The screen was served; how to close, or None when it is gone."""
        log.info("screen_connected", recipient=self._recipient, after=self._line.written)
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        reporter = asyncio.create_task(self._report())
        try:
            done, _ = await asyncio.wait({reader, writer, reporter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._door.hub.leave(self._line)
            reader.cancel()
            writer.cancel()
            self._reports.end()
            await _ended(reporter, DRAIN_S if self._door.desk.leading() else 0.0)
            await asyncio.gather(reader, writer, return_exceptions=True)
        close = next((close for task in done if (close := task.result()) is not None), None)
        log.info("screen_gone", recipient=self._recipient, why=close.error if close is not None else "left")
        return close

    async def _read(self) -> Close | None:
        while True:
            try:
                data = await _receive(self._websocket)
            except WebSocketDisconnect:
                return None
            match said := self._talk.hear(data):
                case Close():
                    return said
                case Unfit():
                    self._line.put(Parcel(session.result(said.ref, error=said.error)))
                case Received() | Act() | Answer() | Handover():
                    await self._reports.room()
                    self._reports.hear(said)
                case None:
                    pass
                case Hello():
                    raise TypeError("a session greets once")
                case _:
                    assert_never(said)

    async def _write(self) -> Close | None:
        beat_at = time.monotonic() + self._door.beat_every_s
        while True:
            parcel = await self._line.take(beat_at - time.monotonic())
            if self._line.cut is not None:
                why = self._line.cut
                return Close(session.TRY_AGAIN, why if why == NO_LEADER else f"too slow: {why}")
            if parcel is None:
                if (objection := self._door.objection(self._who)) is not None:
                    return objection
                beat_at = time.monotonic() + self._door.beat_every_s
                parcel = Parcel(session.beat(instant.text(self._door.clock()), self._line.written))
            try:
                async with asyncio.timeout(STALLED_S):
                    await self._websocket.send({"type": "websocket.send", "text": parcel.text})
            except TimeoutError:
                return Close(session.TRY_AGAIN, "too slow: a frame was not taken")
            except WebSocketDisconnect:
                return None
            self._written(parcel)

    def _written(self, parcel: Parcel) -> None:
        if parcel.seq:
            self._line.written = self._talk.frames_sent = parcel.seq
            metrics.FRAMES.labels(self._recipient.partition(":")[0]).inc()
        self._reports.sent(parcel.orders)

    async def _report(self) -> Close | None:
        desk = self._door.desk
        async with asyncio.TaskGroup() as group:
            while (report := await self._reports.next()) is not None:
                match report:
                    case Received():
                        await self._unless_pressed(group.create_task(desk.received(self._recipient, report.seq)))
                    case Act() | Answer() | Handover():
                        await self._pressed(report)
                    case _:
                        await self._unless_pressed(group.create_task(desk.sent(self._recipient, report)))
        return None

    async def _unless_pressed(self, telling: asyncio.Task[None]) -> None:
        """The desk was told, or a press is behind it, which does not wait for that: the desk keeps their order."""
        pressed = asyncio.create_task(self._reports.pressed.wait())
        await asyncio.wait((telling, pressed), return_when=asyncio.FIRST_COMPLETED)
        pressed.cancel()
        await asyncio.sleep(0)  # the task has begun, so that its report is before the desk

    async def _pressed(self, said: Pressed) -> None:
        started = time.monotonic()
        match said:
            case Act():
                noun, outcome = "order", await press(self._door.desk, self._who, said)
            case Answer():
                noun, outcome = "check", await answer_check(self._door.desk, self._who, said)
            case Handover():
                noun, outcome = "station", await hand_over(self._door.desk, self._who, said)
            case _:
                assert_never(said)
        metrics.PRESS_S.observe(time.monotonic() - started)
        error = None if outcome.ok else outcome.error or "refused"
        self._line.put(Parcel(session.result(said.ref, body=outcome.body, error=error, noun=noun)))


class _Reports:
    """What the desk is still to be told by one socket, in order; what was sent before what was said after it."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._heard: deque[Received | Pressed] = deque()
        self._wake = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._ended = False
        self.pressed = asyncio.Event()
        """Set while an act is among what was heard."""

    def sent(self, orders: tuple[str, ...]) -> None:
        if orders:
            self._sent.extend(orders)
            self._wake.set()

    def hear(self, said: Received | Pressed) -> None:
        if isinstance(said, Received) and self._heard and isinstance(self._heard[-1], Received):
            self._heard[-1] = said  # the higher number says both
        else:
            self._heard.append(said)
        if isinstance(said, Pressed):
            self.pressed.set()
        if len(self._heard) >= INBOX:
            self._roomy.clear()
        self._wake.set()

    async def room(self) -> None:
        await self._roomy.wait()

    def end(self) -> None:
        """What is here is still reported, then `next` gives None."""
        self._ended = True
        self._wake.set()

    async def next(self) -> list[str] | Received | Pressed | None:
        while not (self._sent or self._heard):
            if self._ended:
                return None
            self._wake.clear()
            await self._wake.wait()
        if self._sent:
            orders, self._sent = self._sent, []
            return orders
        said = self._heard.popleft()
        self._roomy.set()
        if not any(isinstance(one, Pressed) for one in self._heard):
            self.pressed.clear()
        return said


async def _receive(websocket: WebSocket) -> str | bytes:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    data: str | bytes = text if text is not None else message.get("bytes", b"")
    return data


async def _ended(task: asyncio.Task[Close | None], within_s: float) -> None:
    done, _ = await asyncio.wait({task}, timeout=within_s)
    if not done:
        task.cancel()
    if not done and within_s:  # a desk that leads no more takes no reports
        log.error("screen_reports_stuck", waited_s=within_s)


async def _say_goodbye(websocket: WebSocket, close: Close) -> None:
    if websocket.client_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
        async with asyncio.timeout(1.0):  # a stalled socket takes no goodbye either; the server then drops it
            await websocket.send({"type": "websocket.send", "text": session.error(close.error)})
            await websocket.close(close.code, close.error.encode()[:_REASON].decode(errors="ignore"))
