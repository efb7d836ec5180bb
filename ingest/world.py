"""What ingest knows of the world while it decodes: the newest registry, and which devices the desk watches."""

from collections.abc import Callable

import msgspec
import numpy as np
import structlog

from devices.registry import Registry
from ingest import catalog
from ingest.catalog import View

log = structlog.get_logger()

_codes = msgspec.json.Decoder(list[str])


class World:
    """`registry` gives the newest snapshot, the same object until there is a newer one."""

    def __init__(self, registry: Callable[[], Registry]) -> None:
        self._registry = registry
        self._codes: frozenset[str] = frozenset()
        self._view = View(catalog.build(Registry()), np.zeros(0, dtype=np.bool_))

    def view(self) -> View:
        """As of now."""
        registry = self._registry()
        if registry is not self._view.catalog.registry:
            built = catalog.build(registry)
            self._view = View(built, built.rows(self._codes))
            log.info("registry_taken", version=registry.version, devices=len(built.entries))
        return self._view

    def watch(self, payload: bytes) -> None:
        """The desk's word which devices it watches; what cannot be read changes nothing."""
        try:
            codes = frozenset(_codes.decode(payload))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            log.error("watch_set_unreadable", error=str(error))  # noqa: TRY400 (the message is the desk's, not a fault here)
            return
        if codes != self._codes:
            self._codes = codes
            self._view = View(self._view.catalog, self._view.catalog.rows(codes))
