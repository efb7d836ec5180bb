"""Who was heard when, and how far off its clock is: noted as messages come in, handed on in one go now and then."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.model import Kind
from devices.registry import Registry
from ingest.batch import Batch
from ingest.columns import Columns, joined

WINDOW_US = 5 * 60 * 1_000_000
"""A device's clock is judged by what came with the least delay in so long a time, by receive time."""

AGREE_US = 5 * 1_000_000
"""Two windows that follow one another must agree within this: what is caught up with after an outage does not."""

TOGETHER, TOGETHER_US = 5_000, 1_000_000
"""So many readings are noted at a time, or those received within so many microseconds: noted message by message, what
an operation on arrays costs in itself would count."""

UNKNOWN = np.iinfo(np.int64).min
"""No offset is known."""


@dataclass(slots=True)
class Heard:
    """Of a gateway: when it was last heard, and when it was last said to be gone; microseconds after 1970, 0 never."""

    received_us: int = 0
    gone_us: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """What is new. Of n devices: `device` int32 database ids, `received_us` int64, `offset_us` int64 (UNKNOWN where
    no offset is known): the device's clock minus ours.
    """

    device: NDArray[np.int32]
    received_us: NDArray[np.int64]
    offset_us: NDArray[np.int64]
    gateways: dict[str, Heard]

    def __len__(self) -> int:
        return len(self.device) + len(self.gateways)


class Seen:
    """Arrays by the devices' database ids; a few bytes each, whether or not the database is there."""

    def __init__(self) -> None:
        self._last_us = np.zeros(0, np.int64)
        self._fresh = np.zeros(0, np.bool_)
        self._since_us = np.zeros(0, np.int64)
        self._best_us = np.zeros(0, np.int64)
        self._before_us = np.zeros(0, np.int64)
        self._offset_us = np.zeros(0, np.int64)
        self._gateways: dict[str, Heard] = {}
        self._waiting: list[Columns] = []

    def note(self, batch: Batch, registry: Registry, retained: Iterable[str] = ()) -> None:
        """The senders of everything in `batch` have been heard.

        Not by the copies of their status that the broker had kept: those gateways are in `retained`.
        """
        for columns in batch.readings.values():
            if len(columns):
                self._wait(columns)
        for event in batch.events:
            device = registry.devices.get(event.device)
            if device is not None and device.id > 0:
                self._grow(device.id)
                self._last_us[device.id] = max(self._last_us[device.id], event.received_us)
                self._fresh[device.id] = True
            self._gateway(event.gateway).received_us = event.received_us
        kept = frozenset(retained)
        for status in batch.statuses:
            if status.gateway in kept:
                continue
            if status.state == "offline":
                self._gateway(status.gateway).gone_us = status.received_us
            else:
                self._gateway(status.gateway).received_us = status.received_us
        for rejection in batch.rejections:
            if rejection.gateway in registry.gateways:
                self._gateway(rejection.gateway).received_us = rejection.received_us

    def take(self) -> Notes:
        """What was noted since the last time."""
        self._settle()
        ids = np.flatnonzero(self._fresh)
        self._fresh[ids] = False
        gateways, self._gateways = self._gateways, {}
        return Notes(ids.astype(np.int32), self._last_us[ids], self._offset_us[ids], gateways)

    def put_back(self, notes: Notes) -> None:
        """The notes could not be handed on: `take` gives them again, with what came meanwhile."""
        self._fresh[notes.device] = True
        for code, heard in notes.gateways.items():
            now = self._gateway(code)
            now.received_us = max(now.received_us, heard.received_us)
            now.gone_us = max(now.gone_us, heard.gone_us)

    def _wait(self, columns: Columns) -> None:
        if self._waiting and columns.received_us[0] - self._waiting[0].received_us[0] >= TOGETHER_US:
            self._settle()
        self._waiting.append(columns)
        if sum(map(len, self._waiting)) >= TOGETHER:
            self._settle()

    def _settle(self) -> None:
        """Readings that wait are noted."""
        waiting, self._waiting = self._waiting, []
        for kind in Kind:
            if parts := [part for part in waiting if part.kind is kind]:
                self._readings(joined(kind, parts))

    def _readings(self, columns: Columns) -> None:
        ids = columns.device
        self._grow(int(ids.max()))
        np.maximum.at(self._last_us, ids, columns.received_us)
        self._fresh[ids] = True
        dated = columns.ts_us != columns.received_us  # one without a time of its own has that of its receipt
        if dated.any():
            self._clocks(ids[dated], columns.received_us[dated], (columns.ts_us - columns.received_us)[dated])

    def _clocks(self, ids: NDArray[np.int32], received_us: NDArray[np.int64], ahead_us: NDArray[np.int64]) -> None:
        """`ahead_us` is the clock's offset less the delay, so the largest of a window is nearest to the offset."""
        over = np.abs(received_us - self._since_us[ids]) >= WINDOW_US
        ended = np.unique(ids[over])
        best, before = self._best_us[ended], self._before_us[ended]
        known = (best != UNKNOWN) & (before != UNKNOWN)
        agree = known & (np.abs(np.where(known, best - before, 0)) <= AGREE_US)
        self._offset_us[ended[agree]] = np.maximum(best, before)[agree]
        self._before_us[ended] = best
        self._best_us[ended] = UNKNOWN
        self._since_us[ids[over]] = received_us[over]
        np.maximum.at(self._best_us, ids, ahead_us)

    def _gateway(self, code: str) -> Heard:
        return self._gateways.setdefault(code, Heard())

    def _grow(self, largest: int) -> None:
        """There is room for the device `largest`."""
        if largest < len(self._last_us):
            return
        more = max(largest + 1, 2 * len(self._last_us)) - len(self._last_us)
        self._last_us = np.concatenate([self._last_us, np.zeros(more, np.int64)])
        self._fresh = np.concatenate([self._fresh, np.zeros(more, np.bool_)])
        self._since_us = np.concatenate([self._since_us, np.zeros(more, np.int64)])
        blank = np.full(more, UNKNOWN)
        self._best_us = np.concatenate([self._best_us, blank])
        self._before_us = np.concatenate([self._before_us, blank])
        self._offset_us = np.concatenate([self._offset_us, blank])
