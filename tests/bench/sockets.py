"""A thousand websockets in one thread: plain sockets that note when a frame came and read it later.

A client library would take longer for a thousand frames than what is measured.
"""

import base64
import os
import selectors
import socket
import time
from dataclasses import dataclass, field

from system import BenchTrouble

_READ = 1 << 16


@dataclass(slots=True)
class Wire:
    """One websocket. `texts`: what came, each with when (`time.perf_counter`)."""

    socket: socket.socket
    unread: bytes = b""
    texts: list[tuple[float, bytes]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A frame of text has been written, masked with zeros (RFC 6455 5.3)."""
        data = text.encode()
        if len(data) < 126:
            head = bytes((0x81, 0x80 | len(data)))
        else:
            head = bytes((0x81, 0x80 | 126)) + len(data).to_bytes(2, "big")
        self.socket.setblocking(True)  # noqa: FBT003
        self.socket.sendall(head + bytes(4) + data)
        self.socket.setblocking(False)  # noqa: FBT003

    def hear(self) -> None:
        """What has come is noted."""
        at = time.perf_counter()
        more = self.socket.recv(_READ)
        if not more:
            raise BenchTrouble("the server closed a socket")
        self.read(at, more)

    def read(self, at: float, more: bytes) -> None:
        """Frames that are whole with `more` are noted as of `at`."""
        self.unread += more
        while (whole := _frame(self.unread)) is not None:
            payload, used, kind = whole
            self.unread = self.unread[used:]
            if kind == 0x1:
                self.texts.append((at, payload))
            elif kind == 0x9:
                self.socket.sendall(bytes((0x8A, 0x80 | len(payload))) + bytes(4) + payload)


def connect(port: int, path: str = "/ws") -> Wire:
    """An open websocket on this machine."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=30)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    opened.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    data = b""
    while b"\r\n\r\n" not in data:
        data += opened.recv(4096) or _refused()
    head, _, rest = data.partition(b"\r\n\r\n")
    if b" 101 " not in head.splitlines()[0]:
        _refused()
    opened.setblocking(False)  # noqa: FBT003
    wire = Wire(opened)
    wire.read(time.perf_counter(), rest)
    return wire


def heard(wires: list[Wire], count: int, within_s: float) -> None:
    """Each wire has `count` texts or more. Raises BenchTrouble when one has not within so many seconds."""
    until = time.monotonic() + within_s
    waiting = {id(one) for one in wires if len(one.texts) < count}
    with selectors.DefaultSelector() as selector:
        for one in wires:
            selector.register(one.socket, selectors.EVENT_READ, one)
        while waiting:
            if time.monotonic() > until:
                raise BenchTrouble(f"{len(waiting)} of {len(wires)} screens heard nothing within {within_s:.0f} s")
            for key, _ in selector.select(0.5):
                key.data.hear()
                if len(key.data.texts) >= count:
                    waiting.discard(id(key.data))


def _frame(data: bytes) -> tuple[bytes, int, int] | None:
    """(payload, bytes used, opcode) of the first whole frame; a server's frames are not masked."""
    if len(data) < 2:
        return None
    length, at = data[1] & 0x7F, 2
    if length >= 126:
        at = 4 if length == 126 else 10
        if len(data) < at:
            return None
        length = int.from_bytes(data[2:at], "big")
    return (data[at : at + length], at + length, data[0] & 0x0F) if len(data) >= at + length else None


def _refused() -> bytes:
    raise BenchTrouble("the server refused a websocket")
