"""How many messages the broker holds, acknowledged and not yet handed on: what a `kill -9` of it can cost."""

import contextlib
import time
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

HELD = "$SYS/broker/store/messages/count"
RETAINED = "$SYS/broker/retained messages/count"
UPTIME = "$SYS/broker/uptime"
"""Told with each count; a count that has not changed is not told again."""


class Holdings:
    """The broker's own counts, which it publishes each second, followed from a thread of paho's."""

    def __init__(self, url: str) -> None:
        """`url` is mqtt://user:password@host:port."""
        parts = urlsplit(url)
        self._counts: dict[str, int] = {}
        self._counted_at = 0.0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="")
        self._client.username_pw_set(parts.username or "", parts.password)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._note
        self._client.reconnect_delay_set(1, 5)
        self._client.connect_async(parts.hostname or "", parts.port or 1883, keepalive=30)
        self._client.loop_start()

    def held(self) -> int | None:
        """Messages in queues and in flight at the last count; None before the first."""
        if HELD not in self._counts:
            return None
        return max(0, self._counts[HELD] - self._counts.get(RETAINED, 0))

    def age_s(self) -> float:
        """Seconds since that count came: what the broker took since is not in it."""
        return time.monotonic() - self._counted_at

    def stop(self) -> None:
        """Nothing is followed any more."""
        with contextlib.suppress(OSError):
            self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: paho.Client, *_rest: Any) -> None:  # noqa: ANN401 - paho's signature
        client.subscribe([(HELD, 0), (RETAINED, 0), (UPTIME, 0)])

    def _note(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401 - paho's signature
        if message.topic == UPTIME:
            self._counted_at = time.monotonic()
        else:
            self._counts[message.topic] = int(message.payload)
