"""A steady flow of readings from several gateways, each counted: sent, acknowledged by the broker, sent again.

MQTT 3.1.1 written by hand, since one core must send far more than a client library can: packets are made from a
template, acknowledgements are read as bytes. A gateway that loses its connection comes back and sends again what was
not acknowledged, as a good gateway does; what falls due meanwhile it sends then.
"""

import selectors
import socket
import struct
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

Payload = Callable[[int], bytes]
"""Number of a message -> what it says."""

WINDOW = 400
"""Messages of a gateway that may be unacknowledged at a time. Below Mosquitto's `max_inflight_messages`."""

_IDS = 60_000
_PAUSE_S = 0.1


@dataclass(slots=True)
class Line:
    """One gateway. Its messages are numbered from 0; `acknowledged[n]` is 1 once the broker has taken message n."""

    code: str
    password: str
    payload: Payload
    topic: bytes
    sent: int = 0
    again: int = 0
    acknowledged: bytearray = field(default_factory=bytearray)
    accepted: int = 0
    connections: int = 0
    in_flight: dict[int, int] = field(default_factory=dict)
    resend: deque[int] = field(default_factory=deque)
    wire: socket.socket | None = None
    ready: bool = False
    retry_at: float = 0.0
    read: bytes = b""
    unwritten: bytes = b""


class Flow:
    """Gateways that publish `rate` messages a second in all (None: as many as the broker takes), evenly among them.

    `gateways`: code, password, and what message n says. Use it in `with`: on leaving the connections are gone.
    """

    def __init__(
        self,
        port: int,
        gateways: Sequence[tuple[str, str, Payload]],
        rate: float | None = None,
        *,
        channel: str = "telemetry",
        limit: int | None = None,
    ) -> None:
        self.lines = [
            Line(code, password, payload, f"fg/v1/{code}/{channel}".encode()) for code, password, payload in gateways
        ]
        self.rate = rate
        self.failure: BaseException | None = None
        self.sent_by: list[tuple[float, list[int]]] = []
        """Twenty times a second: monotonic time, and how many each line had sent."""
        self._name = uuid.uuid4().hex[:12]
        self._port = port
        self._limit = limit
        self._held = threading.Event()
        self._finishing = threading.Event()
        self._quiet = threading.Event()
        self._over = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
        assert self.failure is None, f"the flow failed: {self.failure!r}"

    @property
    def sent(self) -> int:
        """Messages published, each counted once."""
        return sum(line.sent for line in self.lines)

    @property
    def acknowledged(self) -> int:
        """Messages the broker has acknowledged, each counted once."""
        return sum(line.accepted for line in self.lines)

    @property
    def again(self) -> int:
        """How often a message was sent once more after a lost connection."""
        return sum(line.again for line in self.lines)

    def hold(self) -> None:
        """Nothing new is sent until `go`."""
        self._held.set()

    def go(self) -> None:
        """Sending goes on."""
        self._held.clear()

    def finish(self, within_s: float = 90) -> None:
        """Nothing new is sent, and the broker has acknowledged all that was."""
        self._finishing.set()
        deadline = time.monotonic() + within_s
        while not self._quiet.is_set() or self.acknowledged < self.sent:
            assert self.failure is None, f"the flow failed: {self.failure!r}"
            assert time.monotonic() < deadline, f"the broker has not taken {self.sent - self.acknowledged} messages"
            time.sleep(0.02)

    def _run(self) -> None:
        try:
            self._play()
        except BaseException as error:  # noqa: BLE001 - the thread's end; the test raises it
            self.failure = error
        finally:
            for line in self.lines:
                self._lose(line)
            self._selector.close()

    def _play(self) -> None:
        last, credit = time.monotonic(), 0.0
        while not self._over.is_set():
            now = time.monotonic()
            sending = not (self._held.is_set() or self._finishing.is_set())
            if self.rate is not None and sending:
                credit += (now - last) * self.rate
            last = now
            if not self.sent_by or now - self.sent_by[-1][0] > 0.05:
                self.sent_by.append((now, [line.sent for line in self.lines]))
            for line in self.lines:
                self._connect(line, now)
                if line.ready:
                    self._send_again(line)
            if sending:
                credit = self._send_new(credit)
            if self._finishing.is_set():
                self._quiet.set()
            for key, _ in self._selector.select(0.002):
                self._receive(key.data)

    def _send_new(self, credit: float) -> float:
        """What is due is sent by whoever may; the credit that is left."""
        share = max(1, int(credit / len(self.lines)))
        for line in sorted(self.lines, key=lambda line: line.sent):  # so that all send as much, however little is due
            due = WINDOW if self.rate is None else min(share, int(credit))
            if self._limit is not None:
                due = min(due, self._limit - line.sent)
            while due > 0 and line.ready and not line.resend and len(line.in_flight) < WINDOW and not line.unwritten:
                count = min(due, WINDOW - len(line.in_flight), 64)
                self._publish(line, range(line.sent, line.sent + count), again=False)
                line.sent += count
                line.acknowledged.extend(bytes(count))
                credit -= count
                due -= count
        return credit

    def _send_again(self, line: Line) -> None:
        self._flush(line)
        while line.resend and line.ready and not line.unwritten:
            numbers = [line.resend.popleft() for _ in range(min(64, len(line.resend)))]
            line.again += len(numbers)
            self._publish(line, numbers, again=True)

    def _publish(self, line: Line, numbers: Sequence[int], *, again: bool) -> None:
        parts = []
        for number in numbers:
            packet_id = number % _IDS + 1
            line.in_flight[packet_id] = number
            body = struct.pack("!H", len(line.topic)) + line.topic + struct.pack("!H", packet_id) + line.payload(number)
            parts += [b"\x3a" if again else b"\x32", _length(len(body)), body]
        line.unwritten += b"".join(parts)
        self._flush(line)

    def _flush(self, line: Line) -> None:
        if line.wire is None or not line.unwritten:
            return
        try:
            line.unwritten = line.unwritten[line.wire.send(line.unwritten) :]
        except BlockingIOError:
            return
        except OSError:
            self._lose(line)

    def _connect(self, line: Line, now: float) -> None:
        if line.wire is not None or now < line.retry_at:
            return
        line.retry_at = now + _PAUSE_S
        made = socket.socket()
        try:
            made.settimeout(2)
            made.connect(("127.0.0.1", self._port))
            made.settimeout(0)  # never waits
        except OSError:
            made.close()
            return
        fields = (f"{line.code}-{self._name}", line.code, line.password)
        body = b"\x00\x04MQTT\x04\xc0\x00\x3c" + b"".join(_text(one) for one in fields)
        line.wire, line.read, line.ready, line.unwritten = made, b"", False, b"\x10" + _length(len(body)) + body
        self._selector.register(made, selectors.EVENT_READ, line)
        self._flush(line)

    def _lose(self, line: Line) -> None:
        """The connection is gone; what was not acknowledged is sent again on the next."""
        if line.wire is None:
            return
        with suppress(KeyError):
            self._selector.unregister(line.wire)
        line.wire.close()
        line.wire, line.ready, line.unwritten = None, False, b""
        line.resend = deque(sorted({*line.in_flight.values(), *line.resend}))
        line.in_flight.clear()

    def _receive(self, line: Line) -> None:
        assert line.wire is not None
        try:
            data = line.wire.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose(line)
            return
        data = line.read + data
        at = 0
        while at + 4 <= len(data):
            head = data[at]
            assert data[at + 1] == 2, f"{line.code}: the broker sent {data[at : at + 8].hex()}"
            if head == 0x40:
                number = line.in_flight.pop(data[at + 2] << 8 | data[at + 3], None)
                if number is not None and not line.acknowledged[number]:
                    line.acknowledged[number] = 1
                    line.accepted += 1
            elif head == 0x20:
                assert data[at + 3] == 0, f"{line.code} is refused: {data[at + 3]}"
                line.ready = True
                line.connections += 1
            else:
                raise AssertionError(f"{line.code}: the broker sent {data[at : at + 8].hex()}")
            at += 4
        line.read = data[at:]


def _text(text: str) -> bytes:
    return struct.pack("!H", len(text)) + text.encode()


def _length(number: int) -> bytes:
    """MQTT 3.1.1, 2.2.3: seven bits a byte, the lowest first."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)
