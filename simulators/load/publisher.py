"""Prebuilt messages through a few raw connections, as fast as the broker's acknowledgements allow or at a rate.

One thread, plain sockets: a message costs about a microsecond of this process, so that the broker is what is measured.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import numpy as np

from simulators.load import packets
from simulators.load.corpus import FIRST_SEQ, LAST_SEQ, Corpus

PATIENCE_S = 30.0
"""How long a broker may be silent while acknowledgements are outstanding, real seconds."""

TICK_S = 0.005
"""At a rate, what is due is sent so often."""

LARGEST_ID = 65_535
_READ = 1 << 18


class LoadTrouble(Exception):  # noqa: N818 (it says what is the case)
    """The broker refused, fell silent or ended a connection; what it had acknowledged is in `tally`."""

    def __init__(self, words: str, tally: "Tally") -> None:
        super().__init__(words)
        self.tally = tally


@dataclass(slots=True)
class Tally:
    """What was published, and what the broker acknowledged (PUBACK) or refused. Seconds are `time.monotonic`'s."""

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    readings: int = 0
    first_seq: int = FIRST_SEQ
    began_s: float = 0.0
    ended_s: float = 0.0
    bytes: int = 0

    def seconds(self) -> float:
        """From before the first message to the last acknowledgement."""
        return self.ended_s - self.began_s


@dataclass(slots=True)
class _Connection:
    """One connection: its messages in turn, which packet ids are out, what the socket has not taken yet."""

    socket: socket.socket
    corpus: Corpus
    window: int
    at: int = 0
    last_id: int = 0
    out: int = 0
    flying: np.ndarray[tuple[int], np.dtype[np.bool_]] = field(
        default_factory=lambda: np.zeros(LARGEST_ID + 1, np.bool_)
    )
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    unread: bytes = b""


class Publisher:
    """Connections to the broker at `url` (mqtt://user:password@host:port), one for each corpus, logged in.

    `window`: messages unacknowledged at a time on each, or fewer where the broker says so. `level`: 4 is MQTT 3.1.1,
    5 is MQTT 5, and must be what the corpora were built for. Raises OSError, or LoadTrouble when it is refused.
    """

    def __init__(
        self, url: str, corpora: Sequence[Corpus], *, window: int = 1000, level: int = 5, first_seq: int = FIRST_SEQ
    ) -> None:
        self.tally = Tally(first_seq=first_seq)
        self._level = level
        self._seq = first_seq
        self._selector = selectors.DefaultSelector()
        self._connections: list[_Connection] = []
        for number, corpus in enumerate(corpora):
            opened, most = self._open(url, f"load-{first_seq}-{number}")
            one = _Connection(opened, corpus, min(window, most, LARGEST_ID - 1))
            self._connections.append(one)
            self._selector.register(opened, selectors.EVENT_READ, one)

    def run(
        self,
        count: int,
        rate: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
        progress: Callable[[Tally], None] = lambda _tally: None,
    ) -> Tally:
        """`count` messages have been acknowledged (fewer once `stopped`), at most `rate` sent a second. The numbers of
        the readings count on without a gap. Raises LoadTrouble.
        """
        self.tally.began_s = heard_s = time.monotonic()
        while True:
            now = time.monotonic()
            if count > self.tally.sent and stopped():
                count = self.tally.sent
            due = count if rate is None else min(count, int((now - self.tally.began_s) * rate) + 1)
            self._send(due - self.tally.sent, hurried=rate is None)
            if self.tally.acknowledged + self.tally.refused >= count:
                break
            if self._wait(None if rate is None else TICK_S):
                heard_s = now
            elif now - heard_s > PATIENCE_S and self._out():
                raise LoadTrouble(f"the broker has acknowledged nothing for {PATIENCE_S:.0f} s", self.tally)
            progress(self.tally)
        return self.tally

    def close(self) -> None:
        """The connections have been ended in order."""
        for one in self._connections:
            one.socket.settimeout(1.0)
            with contextlib.suppress(OSError):
                one.socket.sendall(packets.disconnect(self._level))
            one.socket.close()
        self._selector.close()

    def _open(self, url: str, client_id: str) -> tuple[socket.socket, int]:
        parts = urlsplit(url)
        user, password = (unquote(one) if one is not None else None for one in (parts.username, parts.password))
        opened = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 1883), timeout=10)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.sendall(packets.connect(client_id, user, password, self._level))
        data = b""
        while (answer := packets.first(data)) is None:
            more = opened.recv(_READ)
            if not more:
                raise LoadTrouble("the broker ended the connection instead of accepting it", self.tally)
            data += more
        welcome = packets.welcome(answer[1], self._level)
        if welcome.reason:
            raise LoadTrouble(f"the broker refused the connection, reason {welcome.reason}", self.tally)
        opened.settimeout(0)
        return opened, welcome.receive_max

    def _out(self) -> int:
        return sum(one.out for one in self._connections)

    def _send(self, due: int, *, hurried: bool) -> None:
        """Up to `due` messages are handed to sockets that have taken all before. In a hurry a connection waits until a
        fair part of its window is free: small pieces would cost more than they bring.
        """
        for place, one in enumerate(self._connections):
            self._flush(one)
            room = one.window - one.out
            share = due if hurried else -(-due // (len(self._connections) - place))
            size = min(room, share, len(one.corpus) - one.at)
            if one.unsent or size <= 0 or (hurried and room < min(one.window // 4, due)):
                continue
            self._put(one, size)
            due -= size

    def _put(self, one: _Connection, size: int) -> None:
        ids = (one.last_id + np.arange(size)) % LARGEST_ID + 1
        free = ~one.flying[ids]
        if not free.all():  # a broker that acknowledges out of order: only up to the first id that is still out
            size = int(np.argmin(free))
            ids = ids[:size]
            if not size:
                return
        end = one.at + size
        readings = int(one.corpus.readings[end] - one.corpus.readings[one.at])
        if self._seq + readings > LAST_SEQ:
            raise LoadTrouble("the numbers of readings are used up", self.tally)
        block = one.corpus.stamped(one.at, end, ids, time.time_ns() // 1_000_000, self._seq)
        self._seq += readings
        one.flying[ids] = True
        one.last_id = int(ids[-1])
        one.out += size
        one.at = end % len(one.corpus)
        one.unsent = memoryview(block)
        self.tally.sent += size
        self.tally.readings += readings
        self.tally.bytes += len(block)
        self._flush(one)

    def _flush(self, one: _Connection) -> None:
        if not one.unsent:
            return
        try:
            one.unsent = one.unsent[one.socket.send(one.unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise LoadTrouble(f"the connection was lost: {error}", self.tally) from error
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if one.unsent else 0)
        self._selector.modify(one.socket, wanted, one)

    def _wait(self, timeout_s: float | None) -> bool:
        """Something can be read or written, or the time is over; what was heard is counted. True when it was."""
        heard = False
        for key, events in self._selector.select(1.0 if timeout_s is None else timeout_s):
            if events & selectors.EVENT_READ:
                heard |= self._hear(key.data)
        return heard

    def _hear(self, one: _Connection) -> bool:
        try:
            data = one.socket.recv(_READ)
        except BlockingIOError:
            return False
        except OSError as error:
            raise LoadTrouble(f"the connection was lost: {error}", self.tally) from error
        if not data:
            raise LoadTrouble("the broker ended the connection", self.tally)
        data = one.unread + data
        taken, refused, used = packets.acknowledged(data)
        one.unread = data[used:]
        for ids in (taken, refused):
            if not one.flying[ids].all():
                raise LoadTrouble("the broker acknowledged what was not sent", self.tally)
            one.flying[ids] = False
        one.out -= len(taken) + len(refused)
        self.tally.acknowledged += len(taken)
        self.tally.refused += len(refused)
        self.tally.ended_s = time.monotonic()
        return bool(len(taken) + len(refused))
