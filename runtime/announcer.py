"""Retained messages of FireGrid's own parts, through aiomqtt: at low rate, repeated anyway, so they may be lost."""

import asyncio

import aiomqtt
import structlog

from devices import broker_address
from devices.asked import go_if_cancelled

log = structlog.get_logger()

RETRY_S = 1.0


class Announcer:
    """A connection to the broker that comes back by itself. Called with a topic and payload it publishes retained."""

    def __init__(self, url: str, client_id: str) -> None:
        self._address = broker_address.parse(url)
        self._tls = self._address.tls()
        self._client_id = client_id
        self._client: aiomqtt.Client | None = None

    @property
    def connected(self) -> bool:
        """True while the broker was there when it was last spoken to."""
        return self._client is not None

    async def __call__(self, topic: str, payload: bytes) -> None:
        """The message is with the broker, or lost because the broker is away."""
        if self._client is None:
            return
        try:
            await self._client.publish(topic, payload, qos=1, retain=True, timeout=5)
        except aiomqtt.MqttError as error:
            log.warning("announcement_lost", topic=topic, error=str(error))
            self._client = None

    async def run(self) -> None:
        """Keeps the connection. Runs until cancelled."""
        while True:
            try:
                async with self._connection() as client:
                    self._client = client
                    async for _ in client.messages:
                        pass
            except aiomqtt.MqttError:
                self._client = None
                go_if_cancelled()
                await asyncio.sleep(RETRY_S)

    def _connection(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.user,
            password=self._address.password,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            keepalive=10,
            tls_context=self._tls,
        )
