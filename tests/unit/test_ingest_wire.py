"""What arrives together is read together, and who is told to stop reading stops."""

import asyncio
from typing import Any

import mqtt5
import pytest

from ingest.wire import Wire

GATHER_S = 0.01


class Transport(asyncio.Transport):
    """Knows whether it is read; what is `said` while it is not waits, as it would in the socket."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire
        self.waiting = b""
        self.reading = True
        self.resumed = asyncio.Event()
        wire.connection_made(self)

    def say(self, number: int) -> None:
        self.waiting += mqtt5.PublishPacket("t", b"%d" % number).write()
        self._hand_over()

    def pause_reading(self) -> None:
        assert self.reading, "paused twice"
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading, "resumed twice"
        self.reading = True
        self.resumed.set()
        self._hand_over()

    def is_closing(self) -> bool:
        return False

    def _hand_over(self) -> None:
        if self.reading and self.waiting:
            data, self.waiting = self.waiting, b""
            self.wire.data_received(data)


def connected(gather_s: float) -> tuple[Transport, list[list[int]]]:
    """A connection, and what was handed on together."""
    heard: list[list[int]] = []

    def take(packets: list[Any]) -> None:
        heard.append([int(packet.payload) for packet in packets])

    return Transport(Wire(take, gather_s)), heard


async def test_the_first_is_heard_at_once_and_those_that_follow_it_closely_together() -> None:
    transport, heard = connected(GATHER_S)
    for number in range(4):
        transport.say(number)
    assert heard == [[0]]
    await asyncio.wait_for(transport.resumed.wait(), 5)
    assert heard == [[0], [1, 2, 3]]


async def test_without_gathering_everything_is_heard_as_it_comes() -> None:
    transport, heard = connected(0)
    for number in range(3):
        transport.say(number)
    assert heard == [[0], [1], [2]]


async def test_who_shall_not_read_does_not_when_the_gathering_ends() -> None:
    transport, heard = connected(GATHER_S)
    transport.say(0)
    transport.wire.read_on(wanted=False)
    transport.say(1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(transport.resumed.wait(), 5 * GATHER_S)
    assert heard == [[0]]
    transport.wire.read_on(wanted=True)
    assert heard == [[0], [1]]


async def test_reading_again_while_it_gathers_waits_for_the_gathering() -> None:
    transport, heard = connected(GATHER_S)
    transport.say(0)
    transport.wire.read_on(wanted=False)
    transport.wire.read_on(wanted=True)
    transport.say(1)
    transport.say(2)
    assert heard == [[0]]
    await asyncio.wait_for(transport.resumed.wait(), 5)
    assert heard == [[0], [1, 2]]
