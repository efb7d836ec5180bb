"""What one session hears is noted, and how far it has heard everything (see `pulse`)."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from devices.registry import Registry
from ingest import topic
from ingest.batch import Batch
from ingest.delivery import Delivery
from ingest.interest import Subscription
from ingest.link import Link
from ingest.pulse import Heard, Pulse
from ingest.seen import Seen
from ingest.topic import Channel


class Ear:
    """The session `client` of `link`; it hears its own pulses from now on."""

    def __init__(self, link: Link, client: str, prefix: str, seen: Seen, clock: Callable[[], datetime]) -> None:
        self.client = client
        self.topic = topic.pulse(prefix, client)
        self._link = link
        self._prefix = prefix
        self._seen = seen
        self._clock = clock
        self._pulse = Pulse()
        self._sent: asyncio.Future[None] | None = None
        self._awaited: dict[bytes, asyncio.Future[None]] = {}
        link.subscribe([Subscription(self.topic)])

    @property
    def heard(self) -> Heard | None:
        """From when to when everything was heard, on the connection there is now."""
        return self._pulse.heard

    def hear(self, deliveries: Sequence[Delivery], batch: Batch, registry: Registry) -> None:
        """The deliveries, decoded as `batch`, are noted; then the pulses that came behind or among them."""
        retained = self._retained(deliveries) if batch.statuses else frozenset[str]()
        self._seen.note(batch, registry, retained)
        for delivery in deliveries:
            if delivery.topic == self.topic:
                self._returned(delivery.payload)

    def beat(self) -> None:
        """A pulse is on its way, unless the last one has not reached the broker yet."""
        if not self._link.online.is_set() or not self._link.holds(self.topic):
            self._pulse.lost()
            return
        if self._sent is not None and not self._sent.done():
            return
        payload = self._pulse.beat(self._clock(), self._link.epoch)
        self._sent = self._link.publish(self.topic, payload)
        self._sent.add_done_callback(_heeded)

    async def answers(self, other: Link) -> None:
        """What was said to this session over `other` has been heard; for as long as that takes."""
        word = secrets.token_hex(8).encode()
        heard = asyncio.get_running_loop().create_future()
        self._awaited[word] = heard
        try:
            await other.publish(self.topic, word)
            await heard
        finally:
            del self._awaited[word]

    def _returned(self, payload: bytes) -> None:
        awaited = self._awaited.get(payload)
        if awaited is None:
            self._pulse.returned(payload)
        elif not awaited.done():
            awaited.set_result(None)

    def _retained(self, deliveries: Sequence[Delivery]) -> frozenset[str]:
        """Gateways whose status came as a copy the broker had kept, and not afresh."""
        kept: set[str] = set()
        fresh: set[str] = set()
        for delivery in deliveries:
            where = topic.parse(self._prefix, delivery.topic)
            if where is not None and where.channel is Channel.STATUS:
                (kept if delivery.retain else fresh).add(where.gateway)
        return frozenset(kept - fresh)


def _heeded(done: "asyncio.Future[None]") -> None:
    """Whether the broker took a pulse says nothing: whether it comes back does."""
    if not done.cancelled():
        done.exception()
