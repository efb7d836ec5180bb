"""A proxy between a client and a server that forwards, cuts, swallows, and keeps what the client sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import mqtt5


class Proxy:
    """Stands before the server at `to` of this machine, on `port`.

    `swallowing`: bytes of both directions vanish while the connections stay open, as behind a firewall that forgot
    them. `refusing`: new connections are closed at once. `sent`: what each connection's client sent, in order.
    """

    def __init__(self, to: int) -> None:
        self.to, self.port = to, 0
        self.swallowing = self.refusing = False
        self.sent: list[bytearray] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._forgotten: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for task in self._tasks:
                task.cancel()

    def cut(self) -> None:
        """Every connection is gone at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def forget(self) -> None:
        """Connections of now swallow for good; those that come are forwarded again."""
        self._forgotten.update(self._writers)
        self.swallowing = False

    def acknowledged(self) -> list[int]:
        """Packet ids of the PUBACKs the clients sent, in order, connection after connection."""
        return [
            packet.packet_id
            for notes in self.sent
            for packet in packets(bytes(notes))
            if isinstance(packet, mqtt5.PubAckPacket)
        ]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.refusing:
                raise ConnectionRefusedError
            onward_reader, onward = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.close()
            return
        self._writers += [writer, onward]
        self.sent.append(bytearray())
        for pump in (self._pump(reader, onward, self.sent[-1]), self._pump(onward_reader, writer, bytearray())):
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, notes: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                notes += data
                if not self.swallowing and sink not in self._forgotten:
                    sink.write(data)
                    await sink.drain()
        sink.close()


def packets(data: bytes) -> Iterator[mqtt5.Packet]:
    """The whole packets in `data`."""
    view = memoryview(data)
    while view:
        try:
            packet, size = mqtt5.read(view)
        except IndexError:
            return
        view = view[size:]
        yield packet
