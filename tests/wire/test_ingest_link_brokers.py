"""The MQTT session against brokers that can do less than ours: what other brokers were seen to answer is played here.

RabbitMQ and ejabberd have no shared subscriptions and end the connection of who asks for one, RabbitMQ also for another
filter that is not allowed; NATS refuses version 5 as MQTT 3.1.1 does. docs/brokers.md says how they were tried.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import mqtt5
import pytest
from structlog.testing import capture_logs

from ingest.interest import Subscription
from ingest.link import LONGEST_PAUSE_S, Link, NotPublished

OLD_REFUSAL = b"\x20\x02\x00\x01"
"""CONNACK of MQTT 3.1.1: unacceptable protocol version."""

Answers = Callable[[mqtt5.Packet], bytes | None]
"""What is said to a packet; None ends the connection."""


class Played:
    """A broker that says what it is told to say, and keeps what it was asked."""

    def __init__(self, answers: Answers) -> None:
        self.heard: list[mqtt5.Packet] = []
        self.port = 0
        self._answers = answers

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Played"]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        with contextlib.closing(writer):
            while data := await reader.read(65536):
                rest += data
                while rest:
                    try:
                        packet, length = mqtt5.read(rest)
                    except IndexError:
                        break
                    rest = rest[length:]
                    self.heard.append(packet)
                    if (answer := self._answers(packet)) is None:
                        return
                    writer.write(answer)

    def asked(self, kind: type) -> int:
        """How many packets of this kind have come."""
        return sum(isinstance(each, kind) for each in self.heard)


def accepting(**offer: object) -> Answers:
    """Accepts a session on these terms, and ends the connection for whatever is asked then."""
    accepted = mqtt5.ConnAckPacket(**offer).write()  # type: ignore[arg-type]
    return lambda packet: accepted if isinstance(packet, mqtt5.ConnectPacket) else None


@contextlib.asynccontextmanager
async def linked(
    answers: Answers, pattern: str = "fg/v1/+/telemetry"
) -> AsyncIterator[tuple[Played, Link, list[float]]]:
    """The broker, a link to it that does not really pause, and the pauses it would have made in seconds."""
    async with Played(answers).running() as broker:
        link = Link(f"mqtt://firegrid:x@127.0.0.1:{broker.port}", "link", [Subscription(pattern)])
        pauses: list[float] = []

        async def rest(seconds: float) -> None:
            pauses.append(seconds)
            await asyncio.sleep(0)

        link._rest = rest  # type: ignore[method-assign]
        task = asyncio.create_task(link.run())
        try:
            yield broker, link, pauses
        finally:
            await link.close()
            await asyncio.wait_for(task, 10)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - what is waited for is in the link or the broker
            await asyncio.sleep(0.005)


def reasons(entries: list) -> list[str]:
    return [entry["reason"] for entry in entries if entry["event"] == "broker_away"]


async def test_a_broker_that_accepts_and_then_ends_the_connection_is_asked_less_and_less_often() -> None:
    async with linked(accepting()) as (broker, _, pauses):
        await until(lambda: len(pauses) >= 10)
    assert broker.asked(mqtt5.SubscribePacket) >= 10
    assert all(pause >= LONGEST_PAUSE_S / 2 for pause in pauses[6:])


async def test_a_broker_without_version_5_is_named_as_such() -> None:
    with capture_logs() as entries:
        async with linked(lambda _: OLD_REFUSAL) as (_, _, pauses):
            await until(lambda: len(pauses) >= 3)
    assert reasons(entries) == ["refused by the broker: it does not speak MQTT 5"]
    assert {entry["log_level"] for entry in entries if entry["event"] == "broker_away"} == {"error"}


async def test_a_shared_subscription_is_not_asked_of_a_broker_that_has_none() -> None:
    offers = accepting(shared_subscription_available=False)
    with capture_logs() as entries:
        async with linked(offers, "$share/group/fg/v1/+/telemetry") as (broker, link, pauses):
            await until(lambda: len(pauses) >= 3)
            assert not link.online.is_set()
    assert broker.asked(mqtt5.ConnectPacket) >= 3
    assert broker.asked(mqtt5.SubscribePacket) == 0
    assert reasons(entries) == ["refused: the broker has no shared subscriptions: unset FIREGRID_INGEST_SHARED"]


async def test_a_broker_without_shared_subscriptions_serves_plain_ones() -> None:
    async with linked(accepting(shared_subscription_available=False)) as (broker, _, _):
        await until(lambda: broker.asked(mqtt5.SubscribePacket))


async def test_a_session_that_the_broker_keeps_for_less_long_is_told_once() -> None:
    with capture_logs() as entries:
        async with linked(accepting(session_expiry_interval=86_400)) as (_, _, pauses):
            await until(lambda: len(pauses) >= 3)
    told = [entry for entry in entries if entry["event"] == "broker_offers_less"]
    assert [entry["session_expiry_s"] for entry in told] == [86_400]


async def test_a_publication_larger_than_the_broker_takes_is_given_back_and_the_others_go_on() -> None:
    def answers(packet: mqtt5.Packet) -> bytes | None:
        if isinstance(packet, mqtt5.ConnectPacket):
            return mqtt5.ConnAckPacket(max_packet_size=1000).write()
        if isinstance(packet, mqtt5.SubscribePacket):
            return mqtt5.SubAckPacket(packet.packet_id, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE]).write()
        if isinstance(packet, mqtt5.PublishPacket):
            return None if len(packet.write()) > 1000 else mqtt5.PubAckPacket(packet.packet_id or 0).write()
        return b""

    async with linked(answers) as (broker, link, pauses):
        small = link.publish("fg/v1/_/signals", b"x" * 900)
        large = link.publish("fg/v1/_/signals", b"x" * 1000)
        after = link.publish("fg/v1/_/signals", b"x" * 900)
        async with asyncio.timeout(15):
            await asyncio.gather(small, after)
            with pytest.raises(NotPublished, match="1000 bytes"):
                await large
        assert pauses == []
    assert broker.asked(mqtt5.PublishPacket) == 2
