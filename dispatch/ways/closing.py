"""Closed roads: which pieces of street they are, and what they leave of a graph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.model import Closure, Mode
from devices.streets import MODES, StreetNetwork

REACH_M = 50.0
"""A point farther than this from any street closes none."""
ALIKE_M = 1.0
"""Pieces as near as the nearest, but for this, are closed too: those that meet at a crossing."""


def piece_keys(count: int, start: NDArray[np.int32], end: NDArray[np.int32]) -> NDArray[np.int64]:
    """What names the pieces between these of `count` nodes, whichever way one goes: int64[e]."""
    return np.minimum(start, end).astype(np.int64) * count + np.maximum(start, end)


class Pieces:
    """The pieces of street on which one mode goes, to find by position."""

    def __init__(self, network: StreetNetwork, mode: Mode, xy: NDArray[np.float64]) -> None:
        going = np.isfinite(network.seconds[MODES.index(mode)]) & (network.start != network.end)
        self._keys = np.unique(piece_keys(len(xy), network.start[going], network.end[going]))
        low, high = np.divmod(self._keys, len(xy))
        self._begin, self._step = xy[low], xy[high] - xy[low]
        self._square = np.maximum((self._step**2).sum(axis=1), 1e-12)

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Keys of the pieces at one point, float64[2] in local metres; none where no street is near."""
        # all of them in a few steps: to put them in order for the few points that are asked for takes far longer
        away = xy - self._begin
        share = np.clip((away * self._step).sum(axis=1) / self._square, 0, 1)
        metres = np.hypot(*(away - share[:, None] * self._step).T)
        nearest = metres.min(initial=np.inf)
        found: NDArray[np.int64] = self._keys[(metres <= REACH_M) & (metres <= nearest + ALIKE_M)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """`keys`: mode -> pieces that are no way through for it. `lost`: codes of closures that lie on no street."""

    keys: Mapping[Mode, NDArray[np.int64]]
    lost: tuple[str, ...] = ()


NOTHING_CLOSED = Closed({})


def shut(pieces: Mapping[Mode, Pieces], closures: Sequence[Closure], metres: NDArray[np.float64]) -> Closed:
    """What these roads, at `metres` (float64[k, 2]), close."""
    found: dict[Mode, list[NDArray[np.int64]]] = {mode: [] for mode in pieces}
    for closure, xy in zip(closures, metres, strict=True):
        for mode in pieces:
            if closure.closed_to(mode):
                found[mode].append(pieces[mode].at(xy))
    keys = {mode: np.unique(np.concatenate(some)) for mode, some in found.items() if some}
    lost = tuple(
        closure.code
        for closure, xy in zip(closures, metres, strict=True)
        if not any(len(pieces[mode].at(xy)) for mode in pieces if closure.closed_to(mode))
    )
    return Closed(keys, lost)
