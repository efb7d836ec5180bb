"""Stations in the order of their arrival, made as far as somebody reads: of thousands most are never looked at."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice
from math import isfinite
from operator import itemgetter
from typing import overload

import numpy as np
from numpy.typing import NDArray

from devices.model import Station
from dispatch.facts.fact import Candidate


class Verdict(StrEnum):
    """Why a candidate was or was not taken."""

    FREE = "free"
    AT_CAPACITY = "at_capacity"
    OFF_DUTY = "off_duty"
    ALREADY_CALLED = "already_called"
    UNREACHABLE = "unreachable"
    REPORTED_TO = "reported_to"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A station with its estimate (seconds from order to arrival, muster included) and how it stands.

    `crew`: people who can go; `demoted`: it missed its duty check and comes after those that did not.
    """

    station: Station
    eta_s: float
    method: str
    verdict: Verdict
    crew: int
    demoted: bool

    def candidate(self) -> Candidate:
        """As the ledger keeps it."""
        reachable = isfinite(self.eta_s)
        return Candidate(
            self.station.code,
            self.verdict.value,
            round(self.eta_s) if reachable else None,
            self.method if reachable else None,
            self.crew,
            self.demoted,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Travel seconds of stations, float64[k], inf for who cannot come; beyond `within_s` they may be missing."""

    seconds: NDArray[np.float64]
    method: str
    within_s: float


Search = Callable[[], Times]
Weigh = Callable[[Station, float, str], Ranked]
Tell = Callable[[Station], bool]


NEAR_S = 300.0
"""Ways are searched this far at first, and farther only for who reads beyond: of ten thousand stations nearly all are
never looked at.
"""
KEPT = 20
"""So many candidates of an order are kept, and the one that was taken; the others are counted."""


class Ranking(Sequence[Ranked]):
    """Every station: those not demoted by when they can be there (ties by code), then the demoted alike.

    It is made as far as it is read, at the moment it was asked for. `full` says who has all the incidents it can take,
    and so is not free.
    """

    def __init__(
        self, stations: Sequence[Station], weigh: Weigh, searches: Sequence[Search], demoted: Tell, full: Tell
    ) -> None:
        self._stations = stations
        self._weigh = weigh
        self._searches = searches
        self._is_demoted = demoted
        self._full = full
        self._order: list[tuple[int, Times]] = []
        self._made: dict[int, Ranked] = {}
        self._demoted: list[tuple[int, Times]] = []
        self._rest = self._in_order()

    def __len__(self) -> int:
        return len(self._stations)

    @overload
    def __getitem__(self, index: int) -> Ranked: ...
    @overload
    def __getitem__(self, index: slice) -> list[Ranked]: ...
    def __getitem__(self, index: int | slice) -> Ranked | list[Ranked]:
        """The station at `index`, or those of a slice; only what is needed is made."""
        wanted = range(len(self))[index]
        last = wanted if isinstance(wanted, int) else max(wanted, default=-1)
        self._order.extend(islice(self._rest, max(last + 1 - len(self._order), 0)))
        if isinstance(wanted, int):
            return self._ranked(*self._order[wanted])
        return [self._ranked(*self._order[at]) for at in wanted]

    def __iter__(self) -> Iterator[Ranked]:
        """From the first on."""
        for number, times in self._read():
            yield self._ranked(number, times)

    def free(self, kinds: Collection[str] | None = None) -> Iterator[Ranked]:
        """Those that are free, of these kinds or of all, in order. In a storm most are full: they are not weighed."""
        for number, times in self._read():
            station = self._stations[number]
            if (kinds is None or station.kind in kinds) and not self._full(station):
                one = self._ranked(number, times)
                if one.verdict is Verdict.FREE:
                    yield one

    def of(self, code: str) -> Ranked | None:
        """The station `code` however far down it is; None for one that is not among them."""
        number = next((at for at, one in enumerate(self._stations) if one.code == code), None)
        if number is None:
            return None
        for search in self._searches:
            times = search()
            if isfinite(times.seconds[number]):
                break
        return self._ranked(number, times)

    def passed_over(self, taken: Ranked) -> list[Ranked]:
        """The demoted that would be there before `taken`, which has been read and is not demoted; soonest first."""
        return [one for one in (self._ranked(*each) for each in self._demoted) if one.eta_s <= taken.eta_s]

    def candidates(self, taken: Ranked) -> tuple[Candidate, ...]:
        """The first of them as the ledger keeps them, and the one that was taken wherever it stands."""
        first = self[:KEPT]
        beyond = [] if any(one.station is taken.station for one in first) else [taken]
        return tuple(one.candidate() for one in (*first, *beyond))

    def _ranked(self, number: int, times: Times) -> Ranked:
        made = self._made.get(number)
        if made is None:
            station, travel_s = self._stations[number], float(times.seconds[number])
            made = self._made[number] = self._weigh(station, station.muster_s + travel_s, times.method)
        return made

    def _read(self) -> Iterator[tuple[int, Times]]:
        at = 0
        while True:
            if at == len(self._order):
                if (one := next(self._rest, None)) is None:
                    return
                self._order.append(one)
            yield self._order[at]
            at += 1

    def _in_order(self) -> Iterator[tuple[int, Times]]:
        for one in self._soonest_first():
            if self._is_demoted(self._stations[one[0]]):
                self._demoted.append(one)
            else:
                yield one
        yield from self._demoted

    def _soonest_first(self) -> Iterator[tuple[int, Times]]:
        """Numbers of the stations; a search that went only so far says nothing certain of later arrivals."""
        if not self._stations:
            return
        muster_s = np.array([one.muster_s for one in self._stations], np.float64)
        said = np.zeros(len(self._stations), np.bool_)
        for search in self._searches:
            times = search()
            eta_s = muster_s + times.seconds
            certain = np.flatnonzero((eta_s <= times.within_s) & ~said)
            said[certain] = True
            certain = certain[np.argsort(eta_s[certain], kind="stable")]
            for _, alike in groupby(zip(eta_s[certain].tolist(), certain.tolist(), strict=True), key=itemgetter(0)):
                numbers = [number for _, number in alike]
                if len(numbers) > 1:
                    numbers.sort(key=self._code)
                for number in numbers:
                    yield number, times

    def _code(self, number: int) -> str:
        return self._stations[number].code
