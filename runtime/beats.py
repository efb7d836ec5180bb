"""The leader's beat over the broker: told every second by who leads, listened for by all (DESIGN decision 8)."""

import asyncio
from collections.abc import Callable
from time import monotonic

import aiomqtt
import msgspec

from devices import broker_address
from devices.asked import go_if_cancelled
from runtime.announcer import Announcer

EVERY_S = 1.0
SILENT_S = 5.0
"""Real seconds without a beat after which who led before is taken to be gone."""
RETRY_S = 1.0


class Beat(msgspec.Struct, frozen=True):
    """Who leads, in which epoch, and how far the ledger goes."""

    stream: str
    epoch: int
    entry: int
    host: str = ""


class Beats:
    """What is heard of beats other than those of the stream `own`. The broker keeps the last one, so that whoever
    comes back learns at once of a newer epoch; a kept one is no sign of life.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._address = broker_address.parse(url)
        self._tls = self._address.tls()
        self.topic = f"{prefix}/_/leader"
        self.own = ""
        self._listening_since: float | None = None
        self._heard_at = 0.0
        self._epoch = 0

    def silent(self) -> bool:
        """True when none has been heard for `SILENT_S`, though we listened."""
        if self._listening_since is None:
            return False
        return monotonic() - max(self._heard_at, self._listening_since) >= SILENT_S

    def epoch(self) -> int:
        """The newest epoch another has named; 0 for none."""
        return self._epoch

    async def run(self) -> None:
        """Listens until cancelled; a lost broker is waited for."""
        while True:
            try:
                async with self._connection() as client:
                    await client.subscribe(self.topic, qos=1)
                    self._listening_since = monotonic()
                    async for message in client.messages:
                        self.hear(bytes(message.payload), kept=message.retain)
            except aiomqtt.MqttError:
                self._listening_since = None
                go_if_cancelled()
                await asyncio.sleep(RETRY_S)

    def hear(self, payload: bytes, *, kept: bool) -> None:
        """A beat has come; what is none changes nothing."""
        try:
            beat = msgspec.json.decode(payload, type=Beat)
        except msgspec.MsgspecError:
            return
        if beat.stream == self.own:
            return
        self._epoch = max(self._epoch, beat.epoch)
        if not kept:
            self._heard_at = monotonic()

    def _connection(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.user,
            password=self._address.password,
            protocol=aiomqtt.ProtocolVersion.V5,
            keepalive=10,
            tls_context=self._tls,
        )


async def tell(announcer: Announcer, topic: str, beat: Callable[[], Beat]) -> None:
    """The beat is told every second. Runs until cancelled."""
    while True:
        await announcer(topic, msgspec.json.encode(beat()))
        await asyncio.sleep(EVERY_S)
