"""Bytes of a TCP connection become MQTT 5 packets, on the `mqtt5` codec."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeAlias, cast

import mqtt5

Packets: TypeAlias = Callable[[list[mqtt5.Packet]], None]


class Wire(asyncio.Protocol):
    """One connection; `lost` resolves with the reason it ended. `heard_at`: real monotonic time of the last bytes.

    After each read the socket is left alone for `gather_s` real seconds: what is read together costs less than what is
    read one by one, and whoever was silent for longer is heard at once all the same.
    """

    def __init__(self, packets: Packets, gather_s: float = 0.0) -> None:
        self._packets = packets
        self._gather_s = gather_s
        self._gathering = False
        self._transport: asyncio.Transport | None = None
        self._rest = bytearray()
        self._reading = True
        self.heard_at = time.monotonic()
        self.clogged = False
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is kept."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """`lost` is resolved."""
        self.end(str(exc) if exc is not None else "closed by the broker")

    def data_received(self, data: bytes) -> None:
        """Whole packets in `data` are handed on together; what is left waits for more."""
        self.heard_at = time.monotonic()
        packets: list[mqtt5.Packet] = []
        if self._rest:
            self._rest += data
            used = self._read(memoryview(self._rest), packets)
            del self._rest[:used]
        else:
            used = self._read(memoryview(data), packets)
            self._rest += data[used:]
        if packets:
            self._packets(packets)
        if self._gather_s:
            self._gather()

    def _gather(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._reading:
            self._transport.pause_reading()
        self._gathering = True
        asyncio.get_running_loop().call_later(self._gather_s, self._gathered)

    def _gathered(self) -> None:
        self._gathering = False
        if self._reading and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _read(self, view: memoryview, packets: list[mqtt5.Packet]) -> int:
        """How many bytes of `view` were whole packets; these are appended. The view is released."""
        used, size = 0, len(view)
        with view:
            while used < size:
                try:
                    packet, length = mqtt5.read(view[used:])
                except IndexError:
                    break
                except ValueError as error:
                    self.end(_malformed(bytes(view[used : used + 2]), error))
                    return size
                packets.append(packet)
                used += length
        return used

    def pause_writing(self) -> None:
        """The peer takes bytes more slowly than they are written."""
        self.clogged = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.clogged = False

    def write(self, data: bytes) -> None:
        """`data` is on its way, unless the connection has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def read_on(self, *, wanted: bool) -> None:
        """Bytes are taken from the socket, or left there so that the broker has to wait."""
        if wanted is self._reading or self._transport is None or self._transport.is_closing():
            return
        self._reading = wanted
        if wanted:
            self.heard_at = time.monotonic()
        if self._gathering:
            return  # the socket is left alone anyway
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def silence(self) -> float:
        """Seconds since the broker was last heard; 0 while nothing is taken from the socket."""
        return time.monotonic() - self.heard_at if self._reading else 0.0

    def end(self, reason: str) -> None:
        """The connection is ended at once and `lost` is resolved with the first reason given."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self._transport is not None:
            self._transport.abort()

    def finish(self, last: bytes) -> None:
        """`last` is the last thing written; the connection then ends in order."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(last)
            self._transport.close()


def _malformed(head: bytes, error: ValueError) -> str:
    """Why a packet that begins with `head` cannot be read. A CONNACK of two more bytes is one of MQTT 3.1.1."""
    if head == b"\x20\x02":
        return "refused by the broker: it does not speak MQTT 5"
    return f"malformed packet: {error}"
