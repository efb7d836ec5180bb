"""An MQTT 5 session that is ours (DESIGN decision 2): it survives its connections, hands over what arrives in order,
and acknowledges only when told to.

The receive maximum is the backpressure: what is not acknowledged, the broker does not send more than that of.
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Sequence

import mqtt5
import structlog

from devices import broker_address
from ingest.delivery import Delivery
from ingest.interest import REFUSED, Interest, Subscription
from ingest.leftover import Leftovers
from ingest.offer import Offer
from ingest.outbox import Item, Outbox, Sending
from ingest.packets import PING, acknowledgements, publication, request, word
from ingest.precedence import Precedence
from ingest.receipts import Receipts
from ingest.wire import Wire

log = structlog.get_logger()

ANSWER_S = 10.0
"""How long the broker may take to accept a connection, in real seconds."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 3.0
"""Between attempts to connect: doubled each time, of which a random half is waited at least. A connection that has held
longer than the longest pause begins the series anew: a broker may accept a session and end it for what it asks."""

QUEUE_BYTES = 64 * 1024 * 1024
"""Payloads that wait to be taken may hold so much; then the socket is left unread. The receive maximum bounds neither
the size of messages nor those of QoS 0."""

TAKEN_BYTES = 512 * 1024
"""Payloads handed over in one go: some thousand readings, which take some ten milliseconds to decode, during which no
other session of the worker has its turn."""

OUTBOX_LIMIT = 100_000
"""Publications kept while the broker is away."""


class NotPublished(Exception):  # noqa: N818 (it says what is the case)
    """The broker refused a publication, or it could not be kept until the broker is back."""


class Link:
    """One session with the broker at `url` (see `devices.broker_address`).

    `run` must be running for anything to happen. At most `receive_max` messages of QoS 1 are unacknowledged at a time.
    The broker is counted lost when nothing was heard from it for `keep_alive` real seconds. `session_expected` says
    that the broker should still know the session from before this process. What follows a message within `gather_s`
    real seconds is read in one go with what follows that. What holds one of the words `first` is handed over before
    the rest, as in `Precedence`. Belongs to one event loop.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        subscriptions: Sequence[Subscription],
        *,
        session_expiry_s: int = 7 * 24 * 3600,
        receive_max: int = 10_000,
        keep_alive: int = 10,
        session_expected: bool = False,
        gather_s: float = 0.0,
        first: Collection[str] = (),
    ) -> None:
        self._address = broker_address.parse(url)
        self._tls = self._address.tls()
        self._connect = mqtt5.ConnectPacket(
            client_id,
            username=self._address.user,
            password=self._address.password.encode() if self._address.password is not None else None,
            clean_start=False,
            keep_alive=keep_alive,
            session_expiry_interval=session_expiry_s,
            receive_max=receive_max,
        )
        self._interest = Interest(subscriptions)
        self._keep_alive = keep_alive
        self._gather_s = gather_s
        self._expected = session_expected
        self._outbox: Outbox[asyncio.Future[None]] = Outbox(OUTBOX_LIMIT)
        self._queue: deque[Delivery] | Precedence = Precedence(first) if first else deque()
        self._receipts = Receipts() if first else None
        self._queued_bytes = 0
        self._leftovers = Leftovers()
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._held = False
        self._wire: Wire | None = None
        self._answer: asyncio.Future[mqtt5.ConnAckPacket] | None = None
        self._said = ""
        self._less: dict[str, object] = {}
        self._largest: int | None = None
        self._log = log.bind(client=client_id)
        self.epoch = 0
        self.sessions_lost = 0
        self.online = asyncio.Event()
        self.subscribed = asyncio.Event()

    async def run(self) -> None:
        """The session is kept connected until `close`; returns then."""
        pause = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while not self._ended.is_set():
            began = loop.time()
            reason = await self._one_connection()
            if loop.time() - began > LONGEST_PAUSE_S:
                pause = FIRST_PAUSE_S
            if self._ended.is_set():
                break
            self._say(reason)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            await self._rest(pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter is no secret)

    async def batches(self, limit: int = 1000) -> AsyncIterator[list[Delivery]]:
        """What `take` gives, again and again until the link is held."""
        while taken := await self.take(limit):
            yield taken

    async def take(self, limit: int) -> list[Delivery]:
        """The next deliveries, at least one and at most `limit`; none at all once the link is held.

        No more than one beyond TAKEN_BYTES of payloads, for who takes them reads them in one go.

        What had arrived is handed over while the broker is away too: an alarm waits for nobody.
        """
        while not self._queue and not self._held:
            self._arrived.clear()
            await self._arrived.wait()
        if self._held:
            return []
        taken: list[Delivery] = []
        size = 0
        while self._queue and len(taken) < limit and size < TAKEN_BYTES:
            taken.append(self._queue.popleft())
            size += len(taken[-1].payload)
        self._queued_bytes -= size
        self._make_room()
        return taken

    def patient(self) -> bool:
        """True while something waits to be taken and none of the words that go first is in it."""
        return not self._held and isinstance(self._queue, Precedence) and self._queue.patient()

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """The broker is told in one write, in the order it sent them: one that it sent before may hold up others.

        Without words that go `first` they must be given in the order they were taken.

        Those of an older connection are skipped: the broker sends them again.
        """
        if self._wire is None or not self.online.is_set():
            return
        epoch = self.epoch
        done = [each.packet_id for each in deliveries if each.qos and each.epoch == epoch]
        self._wire.write(acknowledgements(done if self._receipts is None else self._receipts.done(done)))

    def subscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """These are subscribed to from now on; `subscribed` is set again when the broker has them."""
        self._interest.want(subscriptions)
        self._ask()

    def unsubscribe(self, filters: Iterable[str]) -> None:
        """The broker forgets these, now or when it is back; what it has queued under them still comes."""
        self._interest.drop(filters)
        self._ask()

    def holds(self, pattern: str) -> bool:
        """True when the broker has confirmed the subscription to the filter `pattern`."""
        return self._interest.holds(pattern)

    def publish_all(self, topic: str, payloads: Iterable[bytes]) -> list[asyncio.Future[None]]:
        """Each as by `publish` at QoS 1, all in one write."""
        told = [self._keep(topic, each) for each in payloads]
        self._send(self._outbox.ready())
        return told

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> asyncio.Future[None]:
        """Done when the broker has it (QoS 1), through as many connections as that takes; at once at QoS 0.

        At QoS 0 it is lost when the broker is away or slow. The future raises NotPublished when the broker refuses it
        or too much is waiting.
        """
        if qos:
            return self.publish_all(topic, (payload,))[0]
        if self._wire is not None and self.online.is_set() and not self._wire.clogged:
            self._wire.write(mqtt5.PublishPacket(topic, payload).write())
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def _keep(self, topic: str, payload: bytes) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        if not self._outbox.add(Item(topic, payload, done)):
            done.set_exception(NotPublished(f"{OUTBOX_LIMIT} publications are waiting for the broker"))
        return done

    def hold(self) -> None:
        """Nothing more is handed over; what was taken may still be acknowledged."""
        self._held = True
        self._arrived.set()

    async def close(self, patience_s: float = 2.0) -> None:
        """The connection has ended in order and the session lives on in the broker; `run` returns.

        Publications get `patience_s` real seconds to be acknowledged; those that were not raise NotPublished.
        """
        self.hold()
        if (unpublished := [item.token for item in self._outbox.items()]) and self.online.is_set():
            await asyncio.wait(unpublished, timeout=patience_s)
        self._ended.set()
        if self._wire is not None:
            wire = self._wire
            wire.finish(mqtt5.DisconnectPacket().write())
            await asyncio.wait((wire.lost,), timeout=patience_s)
            wire.end("closed")
        for item in self._outbox.drop():
            if not item.token.done():
                item.token.set_exception(NotPublished("the link was closed"))

    async def _one_connection(self) -> str:
        """Why the connection ended, or never began."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                _, wire = await loop.create_connection(
                    lambda: Wire(self._packets, self._gather_s),
                    self._address.host,
                    self._address.port,
                    ssl=self._tls,
                )
        except (OSError, TimeoutError) as error:
            return f"no connection: {error or 'timed out'}"
        self._wire = wire
        try:
            return "closed" if self._ended.is_set() else await self._talk(wire)
        finally:
            wire.end("closed")
            self.online.clear()
            self.subscribed.clear()
            self._outbox.disconnected()
            self._interest.disconnected()
            self._wire = None

    async def _talk(self, wire: Wire) -> str:
        """A connection from CONNECT to its end; why it ended."""
        assert self._answer is not None  # noqa: S101 (set by the caller)
        wire.write(self._connect.write())
        await asyncio.wait((self._answer, wire.lost), timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if not self._answer.done():
            return wire.lost.result() if wire.lost.done() else "the broker did not answer CONNECT"
        answer = self._answer.result()
        if answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            return f"refused by the broker: {word(answer.reason_code)} {answer.reason_str or ''}".rstrip()
        interval = min(self._keep_alive, answer.server_keep_alive or self._keep_alive)
        while not wire.lost.done():
            await asyncio.wait((wire.lost,), timeout=interval / 3)
            if wire.silence() > interval:
                wire.end(f"nothing heard from the broker for {interval} s")
            wire.write(PING)
        return wire.lost.result()

    def _packets(self, packets: list[mqtt5.Packet]) -> None:
        """Called by the wire with what arrived together."""
        for packet in packets:
            if isinstance(packet, mqtt5.PublishPacket):
                self._deliver(packet)
            elif isinstance(packet, mqtt5.PubAckPacket):
                self._acknowledged(packet)
            elif isinstance(packet, mqtt5.ConnAckPacket):
                self._accepted(packet)
            elif isinstance(packet, mqtt5.SubAckPacket | mqtt5.UnsubAckPacket):
                self._answered(packet)
            elif isinstance(packet, mqtt5.PingRespPacket):
                self._take_leftovers()
            elif isinstance(packet, mqtt5.DisconnectPacket) and self._wire is not None:
                self._wire.end(f"ended by the broker: {word(packet.reason_code)}")
        self._send(self._outbox.ready())
        if self._queue:
            self._arrived.set()
            self._make_room()

    def _deliver(self, packet: mqtt5.PublishPacket) -> None:
        delivery = Delivery(
            packet.topic,
            packet.payload,
            int(packet.qos),
            packet.packet_id or 0,
            self.epoch,
            packet.retain,
            packet.content_type,
        )
        if delivery.qos and self._receipts is not None:
            self._receipts.owe(delivery.packet_id)
        if self._leftovers and delivery.qos:
            if packet.duplicate:
                self._leftovers.again(delivery)
            else:  # what is sent again comes before anything new
                self._take_leftovers()
        self._enqueue(delivery)

    def _enqueue(self, delivery: Delivery) -> None:
        self._queued_bytes += len(delivery.payload)
        self._queue.append(delivery)

    def _take_leftovers(self) -> None:
        """What the broker has not sent again is handed over all the same; it can never be acknowledged."""
        if forgotten := self._leftovers.forgotten():
            self._log.warning("broker_forgot_deliveries", deliveries=len(forgotten))
            for delivery in forgotten:
                self._enqueue(delivery)

    def _accepted(self, packet: mqtt5.ConnAckPacket) -> None:
        assert self._answer is not None  # noqa: S101 (set before the connection)
        if not self._answer.done():
            self._answer.set_result(packet)
        if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            return
        if not self._heed_offer(packet):
            return
        self.epoch += 1
        if self._receipts is not None:
            self._receipts.clear()
        resumed = packet.session_present
        if resumed:
            # the broker sends them again, to be acknowledged under new ids, unless it has forgotten them
            waiting = list(self._queue)
            self._queue.clear()
            self._queued_bytes = 0
            self._leftovers.keep(delivery for delivery in waiting if delivery.qos)
            for delivery in waiting:
                if not delivery.qos:
                    self._enqueue(delivery)
        else:
            self._take_leftovers()
        if not resumed and self._expected:
            self.sessions_lost += 1
            self._log.warning("broker_session_lost", lost=self.sessions_lost)
        self._expected, self._said = True, ""
        self._log.info("broker_connected", host=self._address.host, port=self._address.port, resumed=resumed)
        self.online.set()
        self._interest.connected(packet.max_packet_size, resumed=resumed)
        self._ask()
        self._send(self._outbox.connected(packet.receive_max, resumed=resumed))

    def _heed_offer(self, packet: mqtt5.ConnAckPacket) -> bool:
        """False, and the connection ended, if the broker cannot serve the session; what it does less well is said."""
        offer = Offer(
            int(packet.max_qos),
            packet.wildcard_subscription_available,
            packet.shared_subscription_available,
            packet.retain_available,
            packet.session_expiry_interval,
        )
        if missing := offer.missing(self._interest.filters()):
            assert self._wire is not None  # noqa: S101 (the packet came through it)
            self._wire.end(f"refused: {missing}")
            return False
        self._largest = packet.max_packet_size
        less = offer.less(self._connect.session_expiry_interval)
        if less and less != self._less:
            self._log.warning("broker_offers_less", **less)
        self._less = less
        return True

    def _answered(self, packet: mqtt5.SubAckPacket | mqtt5.UnsubAckPacket) -> None:
        words = {int(code): word(code) for code in packet.reason_codes}
        for pattern, code in self._interest.answered(packet.packet_id, [int(code) for code in packet.reason_codes]):
            self._log.error("subscription_refused", filter=pattern, reason=words[code])
        self._ask()

    def _ask(self) -> None:
        """What is not asked of the broker yet is; `subscribed` says whether it has answered all."""
        if self._wire is not None and self.online.is_set():
            self._wire.write(b"".join(map(request, self._interest.ready())))
        if self._interest.settled():
            self.subscribed.set()
        else:
            self.subscribed.clear()

    def _acknowledged(self, packet: mqtt5.PubAckPacket) -> None:
        item = self._outbox.acknowledged(packet.packet_id)
        if item is None or item.token.done():
            return
        if int(packet.reason_code) >= REFUSED:
            item.token.set_exception(NotPublished(f"{item.topic}: {word(packet.reason_code)}"))
        else:
            item.token.set_result(None)

    def _send(self, sendings: Iterable[Sending[asyncio.Future[None]]]) -> None:
        if self._wire is None or not self.online.is_set():
            return
        data = []
        for sending in sendings:
            packet = publication(sending)
            if self._largest is not None and len(packet) > self._largest:
                self._forgo(sending)
            else:
                data.append(packet)
        self._wire.write(b"".join(data))

    def _forgo(self, sending: Sending[asyncio.Future[None]]) -> None:
        """The broker would end the connection for a packet that is too large, and at the next one again."""
        item = self._outbox.acknowledged(sending.packet_id)
        if item is not None and not item.token.done():
            item.token.set_exception(NotPublished(f"{item.topic}: over the {self._largest} bytes the broker takes"))

    def _make_room(self) -> None:
        """The socket is read while what waits to be taken is within bounds."""
        full = self._queued_bytes > QUEUE_BYTES or len(self._queue) > 2 * self._connect.receive_max
        if self._wire is not None:
            self._wire.read_on(wanted=not full)

    def _say(self, reason: str) -> None:
        """A reason is logged when it is news, not at every attempt."""
        if reason != self._said:
            self._said = reason
            level = self._log.error if reason.startswith("refused") else self._log.warning
            level("broker_away", host=self._address.host, port=self._address.port, reason=reason)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
