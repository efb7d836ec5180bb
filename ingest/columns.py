"""A batch of readings of one device kind, as columns (DESIGN decision 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.model import Kind
from devices.profile import CANONICAL


@dataclass(frozen=True, slots=True)
class Columns:
    """n readings of one kind.

    `ts_us`, `received_us`: int64 microseconds after 1970, UTC; `device`: int32 database ids; `seq`: int64.
    `values`: float64, n × the columns of CANONICAL[kind] in its order and units, NaN where a reading has none.
    """

    kind: Kind
    ts_us: NDArray[np.int64]
    device: NDArray[np.int32]
    seq: NDArray[np.int64]
    received_us: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts_us)

    def where(self, mask: NDArray[np.bool_] | NDArray[np.int64] | slice) -> "Columns":
        """The readings where `mask` is true, or in the slice, or at the places listed; in that order."""
        return Columns(
            self.kind, self.ts_us[mask], self.device[mask], self.seq[mask], self.received_us[mask], self.values[mask]
        )


def empty(kind: Kind) -> Columns:
    """No readings."""
    none = np.empty(0, dtype=np.int64)
    return Columns(kind, none, none.astype(np.int32), none, none, np.empty((0, len(CANONICAL[kind]))))


def joined(kind: Kind, parts: Sequence[Columns]) -> Columns:
    """All readings of `parts` (all of `kind`), in their order."""
    if not parts:
        return empty(kind)
    return Columns(
        kind,
        np.concatenate([part.ts_us for part in parts]),
        np.concatenate([part.device for part in parts]),
        np.concatenate([part.seq for part in parts]),
        np.concatenate([part.received_us for part in parts]),
        np.concatenate([part.values for part in parts]),
    )
