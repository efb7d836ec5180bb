"""A slot's share of the gateways: the broker is subscribed to it, and the slot's folder says how far that is so.

The file is what other slots go by before they leave a gateway to this one, and what is left of the share when its
worker is killed: a filter stands in it before the broker is asked for it, and until the broker has forgotten it.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from devices.registry import Registry
from ingest import division, slot
from ingest.division import Division
from ingest.link import Link
from ingest.slot import Slot

log = structlog.get_logger()

LOOK_S = 0.5
"""How often registry and slots are looked at, real seconds."""


class Record(msgspec.Struct, frozen=True):
    """Filters the broker has confirmed, and others that the session may have."""

    sure: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()


class Share:
    """What the session `link` of the slot `own` below `folder` is subscribed to, kept to what is its share."""

    def __init__(
        self, folder: Path, own: Slot, link: Link, prefix: str, registry: Callable[[], Registry], group: str | None
    ) -> None:
        self._folder, self._own, self._link = folder, own, link
        self._prefix, self._registry, self._group = prefix, registry, group
        self._record = Record()
        self._seen: tuple[Registry, list[int]] | None = None
        self._division = Division(prefix, own.number, (own.number,), {}, group)
        self._filters: frozenset[str] = frozenset()

    async def prepare(self) -> None:
        """The link, not running yet, wants the share and what the slot had before, until that can be left."""
        await self._divide()
        kept = await asyncio.to_thread(read, self._own.folder)
        wanted = self._filters | kept.sure
        await self._note(kept.sure, (kept.perhaps | wanted) - kept.sure)
        self._link.subscribe(map(division.subscription, wanted))
        self._link.unsubscribe(kept.perhaps - wanted)

    async def run(self) -> None:
        """Gateways and slots that come and go are followed. Runs until cancelled."""
        while True:
            await self._settle()
            await self._divide()
            await self._take()
            await self._leave()
            await asyncio.sleep(LOOK_S)

    async def _divide(self) -> None:
        """The share is as registry and slots now want it."""
        registry, slots = self._registry(), slot.numbers(self._folder)
        if self._seen is not None and self._seen[0] is registry and self._seen[1] == slots:
            return
        owners = await asyncio.to_thread(division.owners, list(registry.gateways), slots)
        self._division = Division(self._prefix, self._own.number, slots, owners, self._group)
        self._filters = self._division.filters()
        self._seen = registry, slots
        log.info("telemetry_divided", slot=self._own.number, slots=len(slots), filters=len(self._filters))

    async def _take(self) -> None:
        """What is new in the share is subscribed to."""
        if new := self._filters - self._record.sure - self._record.perhaps:
            await self._note(self._record.sure, self._record.perhaps | new)
            self._link.subscribe(map(division.subscription, new))
            await self._settle()

    async def _leave(self) -> None:
        """What is in the share no longer, and has another reader, is unsubscribed from."""
        surplus = self._record.sure - self._filters
        if not surplus:
            return
        leavable = await asyncio.to_thread(self._leavable, surplus)
        if leavable:
            await self._note(self._record.sure - leavable, self._record.perhaps | leavable)
            self._link.unsubscribe(leavable)
            await self._settle()

    def _leavable(self, surplus: frozenset[str]) -> frozenset[str]:
        held = {number: read(slot.folder_of(self._folder, number)).sure for number in self._division.slots}
        return frozenset(self._division.leavable(surplus, held))

    async def _settle(self) -> None:
        """The broker has answered all, and what it said is noted."""
        await self._link.subscribed.wait()
        sure = frozenset(filter(self._link.holds, self._record.sure | self._record.perhaps))
        await self._note(sure, self._filters - sure)

    async def _note(self, sure: frozenset[str], perhaps: frozenset[str]) -> None:
        if (record := Record(sure, perhaps)) != self._record:
            await asyncio.to_thread(_write, self._own.folder, record)
            self._record = record


def read(folder: Path) -> Record:
    """What a slot's folder says; nothing where there is no file, or half of one after a power loss."""
    try:
        return msgspec.json.decode((folder / "subscribed.json").read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return Record()


def _write(folder: Path, record: Record) -> None:
    draft = folder / ".subscribed.json"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(record))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "subscribed.json")
