"""A gateway as the broker sees it: retained status with a last will, readings one after another, commands answered."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import aiomqtt
import structlog
from paho.mqtt.reasoncodes import ReasonCode

from devices import instant
from devices.asked import go_if_cancelled

OUTBOX: Final = 400
"""Messages a gateway holds while the broker is away; what comes on top is not measured at all."""
FIRST_RETRY_S: Final = 0.5
LONGEST_RETRY_S: Final = 20.0
REFUSED_RETRY_S: Final = 30.0
REFUSALS: Final = frozenset({4, 5, 134, 135})
"""Bad user name or password, and not authorised, of MQTT 3.1.1 and 5."""

log = structlog.get_logger()


@dataclass(slots=True)
class Gateway:
    """One gateway's connection. `obey(command)` is called for each command and says whether it was carried out."""

    code: str
    host: str
    port: int
    prefix: str
    password: Callable[[], str | None]
    clock: Callable[[], datetime]
    obey: Callable[[dict[str, Any]], bool]
    identifier: str | None = None
    tls: ssl.SSLContext | None = None
    outbox: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(OUTBOX))
    connected: bool = False
    acknowledged: int = 0
    _unsent: bytes | None = None
    _refused: bool = False

    async def run(self) -> None:
        """Connected whenever that can be had, until cancelled; then offline is said in an orderly way."""
        wait_s = FIRST_RETRY_S
        while True:
            try:
                async with self._client() as client:
                    self.connected, self._refused, wait_s = True, False, FIRST_RETRY_S
                    await self._serve(client)
            except* aiomqtt.MqttError as errors:
                wait_s = self._next_wait(errors, wait_s)
            finally:
                self.connected = False
            await asyncio.sleep(wait_s)

    def _client(self) -> aiomqtt.Client:
        will = aiomqtt.Will(self._topic("status"), json.dumps({"state": "offline"}), qos=1, retain=True)
        identifier = self.identifier or self.code
        return aiomqtt.Client(
            self.host,
            self.port,
            username=self.code,
            password=self.password(),
            identifier=identifier,
            will=will,
            timeout=10,
            tls_context=self.tls,
        )

    def _topic(self, leaf: str) -> str:
        return f"{self.prefix}/{self.code}/{leaf}"

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Publishes and answers until the connection is lost or this is cancelled."""
        await client.subscribe(self._topic("command"), qos=1)
        try:  # from here on: others may hear it is online before the broker has told us so
            await self._say_state(client, "online")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._publish(client))
                tasks.create_task(self._answer(client))
        except asyncio.CancelledError:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._say_state(client, "offline")
            raise

    async def _say_state(self, client: aiomqtt.Client, state: str) -> None:
        payload = json.dumps({"state": state, "ts": instant.text(self.clock())})
        await client.publish(self._topic("status"), payload, qos=1, retain=True)

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            if self._unsent is None:
                self._unsent = await self.outbox.get()
            await client.publish(self._topic("telemetry"), self._unsent, qos=1)
            self._unsent = None
            self.acknowledged += 1
            go_if_cancelled()

    async def _answer(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            command = _command(message.payload)
            if command is not None:
                reply = {"id": command.get("id"), "ok": self.obey(command)}
                await client.publish(self._topic("reply"), json.dumps(reply), qos=1)
                go_if_cancelled()

    def _next_wait(self, errors: ExceptionGroup[aiomqtt.MqttError], wait_s: float) -> float:
        """How long to stay away. A password that no longer holds is said once."""
        first = errors.exceptions[0]
        if isinstance(first, aiomqtt.MqttCodeError) and _number(first.rc) in REFUSALS:
            if not self._refused:
                self._refused = True
                log.warning("gateway_password_refused", gateway=self.code)
            return REFUSED_RETRY_S
        log.debug("gateway_connection_lost", gateway=self.code, error=str(first))
        return min(2 * wait_s, LONGEST_RETRY_S)


def _number(code: int | ReasonCode | None) -> int | None:
    return int(code.value) if isinstance(code, ReasonCode) else code


def _command(payload: object) -> dict[str, Any] | None:
    """The command in `payload`; None when it is no JSON object."""
    if not isinstance(payload, bytes | str):
        return None
    try:
        command = json.loads(payload)
    except ValueError:
        return None
    return command if isinstance(command, dict) else None
