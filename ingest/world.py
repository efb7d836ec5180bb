"""What ingest knows of the world while it decodes: the newest registry, and which devices the desk watches."""

import time
from collections.abc import Callable, Iterable

import msgspec
import numpy as np
import structlog

from devices.registry import Registry
from devices.signal import Signal
from ingest import catalog
from ingest.catalog import View

log = structlog.get_logger()

OWN_S = 15.0
"""A device whose value reached a level is watched for so long, real seconds, without the desk's word, which takes its
time: a value that falls back at once must not keep its alarm on until the device's next reading."""

_codes = msgspec.json.Decoder(list[str])


class World:
    """`registry` gives the newest snapshot, the same object until there is a newer one."""

    def __init__(self, registry: Callable[[], Registry]) -> None:
        self._registry = registry
        self._codes: frozenset[str] = frozenset()
        self._own: dict[str, float] = {}
        self._view = View(catalog.build(Registry()), np.zeros(0, dtype=np.bool_))

    def view(self) -> View:
        """As of now."""
        registry = self._registry()
        if registry is not self._view.catalog.registry:
            built = catalog.build(registry)
            self._view = View(built, built.rows(self._watched()))
            log.info("registry_taken", version=registry.version, devices=len(built.devices))
        elif self._own and time.monotonic() > min(self._own.values()):
            self._watch_anew()
        return self._view

    def heed(self, signals: Iterable[Signal]) -> None:
        """The devices of these readings are watched from now on, for a while or until the desk says so itself."""
        until = time.monotonic() + OWN_S
        fresh = {one.device for one in signals if one.event is None} - self._codes - self._own.keys()
        if fresh:
            self._own.update(dict.fromkeys(fresh, until))
            self._watch_anew()

    def _watched(self) -> frozenset[str]:
        now = time.monotonic()
        self._own = {code: until for code, until in self._own.items() if until >= now}
        return self._codes | self._own.keys()

    def _watch_anew(self) -> None:
        self._view = View(self._view.catalog, self._view.catalog.rows(self._watched()))

    def watch(self, payload: bytes) -> None:
        """The desk's word which devices it watches; what cannot be read changes nothing."""
        try:
            codes = frozenset(_codes.decode(payload))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            log.error("watch_set_unreadable", error=str(error))  # noqa: TRY400 (the message is the desk's, not a fault here)
            return
        if codes != self._codes:
            self._codes = codes
            self._watch_anew()
