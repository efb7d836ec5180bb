"""Who has gone silent and who is back, decided by the listening clock. One plug pulled is one alarm, the gateway's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from devices.registry import Registry
from ingest.listening import Listening

GRACE_US = 2 * 1_000_000
"""What arrives so shortly after a gateway's last will may have been sent before it: events have a session of their
own."""

QUIET = 0.75
"""A device that has been silent for this part of its limit is quiet."""

FEW = 10
"""Among fewer devices than this nothing is concluded from how many are quiet at once."""


@dataclass(frozen=True, slots=True)
class Census:
    """The registered devices of a snapshot. `row` (by database id, -1 for none) numbers the others.

    `gateway` (int32) numbers `gateways`; `limit_us` (int64): silent for longer is offline.
    """

    registry: Registry
    row: NDArray[np.int32]
    codes: Sequence[str]
    gateways: Sequence[str]
    gateway: NDArray[np.int32]
    limit_us: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Roll:
    """Of n devices that were heard: database ids, when last, and since when each is told offline (0: it is not).

    int32, int64, int64; microseconds after 1970.
    """

    device: NDArray[np.int32]
    received_us: NDArray[np.int64]
    told_us: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gateway:
    """When it was last heard, itself or through its devices; when it was last said to be gone; since when it is told
    offline; when it last came back. Microseconds after 1970, 0 for never.
    """

    received_us: int = 0
    gone_us: int = 0
    told_us: int = 0
    back_us: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A device or gateway is to be told offline since it was last heard at `at_us`, or heard again at `at_us`."""

    code: str
    offline: bool
    at_us: int
    device: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes. `quiet`: so many of the devices are silent at once that it may be our own side (see `decide`)."""

    devices: list[Change] = field(default_factory=list)
    gateways: list[Change] = field(default_factory=list)
    quiet: bool = False


def census(registry: Registry) -> Census:
    """The devices of `registry` that are stored and whose profile is known."""
    found = [one for one in registry.devices.values() if one.id > 0 and one.profile in registry.profiles]
    gateways = tuple(registry.gateways)
    numbers = {code: number for number, code in enumerate(gateways)}
    row = np.full(max((one.id for one in found), default=0) + 1, -1, np.int32)
    row[[one.id for one in found]] = np.arange(len(found))
    return Census(
        registry,
        row,
        [one.code for one in found],
        gateways,
        np.array([numbers[one.gateway] for one in found], np.int32),
        np.array([registry.profiles[one.profile].offline_after_s for one in found], np.int64) * 1_000_000,
    )


def decide(
    census: Census, roll: Roll, gateways: Mapping[str, Gateway], listening: Listening, *, confirmed: bool = False
) -> Changes:
    """What is to be told.

    A gateway is offline once its last will was heard and it has said nothing since, or once nothing at all came from it
    for longer than two of its devices may be silent. A device is offline when it is silent for longer than its
    limit behind a gateway that is not; after the gateway has come back it gets its whole limit anew. What has never
    been heard is never offline. Where half of the devices fall silent at once, nothing is told offline unless
    `confirmed` says that the broker can be reached from outside its sessions.
    """
    registered = rows(census, roll.device)
    known = registered >= 0
    device, received, told = roll.device[known], roll.received_us[known], roll.told_us[known]
    row = registered[known]
    numbers, limits = census.gateway[row], census.limit_us[row]
    stands = [gateways.get(code, Gateway()) for code in census.gateways]
    heard = np.array([one.received_us for one in stands], np.int64)
    np.maximum.at(heard, numbers, received)
    pulled = _pulled(stands, heard, listening)
    mute = listening.silence(heard) > _patience(numbers, limits, len(stands))
    was = np.array([one.told_us > 0 for one in stands], np.bool_)
    gone = np.array([one.gone_us for one in stands], np.int64)
    # who is told offline stays so until heard, whatever further wills say
    off = ((pulled | mute) & (heard + gone > 0)) | (was & ~_returned(stands, heard))
    back = was & ~off
    since = np.where(back, heard, np.array([one.back_us for one in stands], np.int64))
    silence = listening.silence(np.maximum(received, since[numbers])) if len(received) else np.zeros(0)
    silent = (silence > limits) & ~off[numbers]
    waiting = (told == 0) & ~was[numbers]
    due = waiting & ((silence > QUIET * limits) | off[numbers])
    quiet = int(np.count_nonzero(waiting)) >= FEW and 2 * int(np.count_nonzero(due)) >= int(np.count_nonzero(waiting))
    may = confirmed or not quiet
    return Changes(
        [*_devices(census, row, device, received, told, silent & may & (told == 0))],
        [*_gateways(census, stands, heard, off & ~was & may, back)],
        quiet,
    )


def rows(census: Census, ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The rows of the devices with these database ids, -1 for those that are not registered."""
    found = np.full(len(ids), -1, np.int32)
    within = ids < len(census.row)
    found[within] = census.row[ids[within]]
    return found


def _pulled(stands: Sequence[Gateway], heard: NDArray[np.int64], listening: Listening) -> NDArray[np.bool_]:
    """True for gateways that were said to be gone while we listened, or before, and were not heard since."""
    gone = np.array([one.gone_us for one in stands], np.int64)
    return np.asarray((gone > 0) & (heard <= gone + GRACE_US) & (listening.silence(gone) > 0), np.bool_)


def _patience(numbers: NDArray[np.int32], limits: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """By gateway: how long it may say nothing at all, the second shortest limit of its devices that were ever heard.

    With one device or none there is no telling a gateway from it: infinite.
    """
    patience = np.full(count, np.inf)
    order = np.lexsort((limits, numbers))
    sorted_numbers = numbers[order]
    first = np.flatnonzero(np.diff(sorted_numbers, prepend=-1))
    seconds = first[first + 1 < len(order)] + 1
    seconds = seconds[sorted_numbers[seconds] == sorted_numbers[seconds - 1]]
    patience[sorted_numbers[seconds]] = limits[order[seconds]]
    return patience


def _devices(
    census: Census,
    row: NDArray[np.int32],
    device: NDArray[np.int32],
    received: NDArray[np.int64],
    told: NDArray[np.int64],
    silent: NDArray[np.bool_],
) -> list[Change]:
    back = (told > 0) & (received > told)
    return [
        Change(census.codes[row[one]], bool(silent[one]), int(received[one]), int(device[one]))
        for one in np.flatnonzero(silent | back).tolist()
    ]


def _returned(stands: Sequence[Gateway], heard: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True for gateways that were heard after they were last heard, or said to be gone, before they were told so."""
    gone = np.array([one.gone_us + GRACE_US if one.gone_us else 0 for one in stands], np.int64)
    told = np.array([one.told_us for one in stands], np.int64)
    return np.asarray(heard > np.maximum(told, gone), np.bool_)


def _gateways(
    census: Census,
    stands: Sequence[Gateway],
    heard: NDArray[np.int64],
    off: NDArray[np.bool_],
    back: NDArray[np.bool_],
) -> list[Change]:
    return [
        Change(census.gateways[one], bool(off[one]), int(max(heard[one], stands[one].gone_us if off[one] else 0)))
        for one in np.flatnonzero(off | back).tolist()
    ]
