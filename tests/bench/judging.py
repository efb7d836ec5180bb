"""A year of fire calls judged by what its script knows: the lists, the statistics, and the ledger itself."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import order_law
import reckoning
from book import KEPT, Book, truncated
from figure import Figure, at_least, at_most
from system import BenchTrouble, System, until

from devices.registry import Registry

ZONE = "Asia/Shanghai"
SAID = 12
"""So many things that are wrong are said."""


def require_right(wrong: list[str], say: Callable[[str], None]) -> None:
    """Raises BenchTrouble, once what is wrong is said."""
    for one in wrong[:200]:
        say(f"WRONG {one}")
    if wrong:
        raise BenchTrouble(f"{len(wrong)} things are wrong: {'; '.join(wrong[:SAID])}")


@dataclass(frozen=True, slots=True)
class Found:
    """What is right of it: so many statistics were `compared`; last words of `ledger verify` and `ledger rebuild`."""

    compared: int
    verified: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares a `book` with what the system says of what began from `began` on. `http` is command's client."""

    system: System
    registry: Registry
    book: Book
    http: httpx.AsyncClient
    began: datetime
    now: Callable[[], datetime]
    say: Callable[[str], None]

    async def found(self) -> Found:
        """What was found right, once the database has all of it.

        Raises BenchTrouble for whatever is not as it must be.
        """
        await asyncio.to_thread(self._followed)
        listed = {one["id"]: {name: one[name] for name in KEPT} async for one in self._all("/api/orders")}
        self.say(f"{len(listed):,} orders listed")
        self.book.wrong += await asyncio.to_thread(unlawful, self.book, self.registry, listed)
        asked = time.monotonic()
        compared, different = await self._statistics()
        self.say(f"statistics counted twice and compared within {time.monotonic() - asked:.1f} s")
        before = await asyncio.to_thread(_content, self.system)
        rebuilt = (await asyncio.to_thread(self.system.command, "ledger", "rebuild")).strip()
        changed = [line for line in rebuilt.splitlines()[:-1] if not line.endswith("all as they were")]
        if changed or await asyncio.to_thread(_content, self.system) != before:
            self.book.wrong.append(f"the projections were not what the ledger gives: {rebuilt}")
        self.say(rebuilt.splitlines()[-1])
        again = (await self._statistics())[1]
        if again != different:
            different += [f"after the rebuild: {one}" for one in again]
        verified = (await asyncio.to_thread(self.system.command, "ledger", "verify")).strip()
        require_right([*self.book.wrong, *different], self.say)
        return Found(compared, verified.splitlines()[-1].partition(";")[0], rebuilt.splitlines()[-1])

    def _followed(self) -> None:
        """The database has what the desk decided.

        Raises BenchTrouble, which names what it lacks.
        """
        wanted, query = len(self.book.orders), self.system.query
        orders = _open("orders", "ended_at", "id, incident, recipient, kind, state")
        incidents = _open("incidents", "closed_at", "id, kind, source, state")
        try:
            until(lambda: query("SELECT count(*) FROM orders") >= wanted and not query(orders),
                  f"every one of {wanted:,} orders in the database, ended", 120)  # fmt: skip
            until(lambda: not query(incidents), "every incident in the database, closed", 60)
        except BenchTrouble as trouble:
            known, entries = query("SELECT count(*) FROM orders"), query("SELECT max(entry) FROM ledger")
            lacking = f"it has {known:,} orders of {entries:,} entries; open are {query(orders)}; {query(incidents)}"
            raise BenchTrouble(f"{trouble}; {lacking}") from None

    async def _all(self, address: str) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            page = (await self.http.get(address, params={"limit": 500, **cursor})).raise_for_status().json()
            for one in page["items"]:
                yield one
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    async def _statistics(self) -> tuple[int, list[str]]:
        """How many values were compared, and where the two counts differ."""
        ours = await asyncio.to_thread(self._expected)
        span = {"from": self.began.isoformat(), "to": self.now().isoformat()}
        whole, stations, days = [
            (await self.http.get("/api/stats", params=span | by)).raise_for_status().json()
            for by in ({}, {"by": "station"}, {"by": "day"})
        ]
        theirs = reckoning.told(whole, stations["lines"], days["lines"])
        return reckoning.size(ours), reckoning.differences(ours, theirs)

    def figures(self, found: Found) -> list[Figure]:
        """What the book has, and that it is right."""
        book, orders = self.book, list(self.book.orders.values())
        states, kinds = (Counter(one[name] for one in orders) for name in ("state", "kind"))
        crews = [one for one in orders if one["kind"] == "respond"]
        lapsed = [one for one in crews if any(step["event"] == "lapsed" for step in one["history"])]
        left = [one for one in lapsed if any(b["event"] == "lapsed" and a["event"] == "acknowledged"
                                             for a, b in pairwise(one["history"]))]  # fmt: skip
        return [
            Figure("orders, each ended lawfully", [len(orders)],
                   remark=f"{_listed(kinds)}; {_listed(states)}; {len(book.refusals)} presses refused as they must be"),
            Figure("presses, each in its order's history at its moment", [len(book.presses)]),
            Figure("crews whose order lapsed", [100 * len(lapsed) / len(crews)], "%", 1,
                   remark=f"{len(left)} of {len(lapsed)} had acknowledged and left later than 60 s after that"),
            Figure("statistics that the script counts too, and alike", [100], "%", 0, at_least(100, "100 %"),
                   remark=f"{found.compared:,} of them"),
            Figure("rows that a rebuild changed", [0], target=at_most(0, "0"),
                   remark=f"{found.rebuilt}; {found.verified}"),
        ]  # fmt: skip

    def milestones(self) -> str:
        """1-3-5, in words."""
        counted = self._expected()["one_three_five"]
        return ", ".join(f"{name.replace('_', ' ')} {one['met']} of {one['due']}" for name, one in counted.items())

    def _expected(self) -> dict[str, Any]:
        categories = {code: place.category for code, place in self.registry.places.items()}
        return reckoning.expected(self.book, categories, ZoneInfo(ZONE))


def _open(table: str, ended: str, columns: str) -> str:
    """A question for the rows that have not ended, as one text; null for none."""
    return f"SELECT string_agg(concat_ws(' ', {columns}), '; ') FROM {table} WHERE {ended} IS NULL"


def unlawful(book: Book, registry: Registry, listed: Mapping[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the orders that the lists have, by id: each must have ended lawfully, have been on its screen,
    and hold of presses just what the script pressed.
    """
    wrong = [f"{id} was on no screen" for id in sorted(listed.keys() - book.orders.keys())]
    wrong += [f"{id} was on a screen and is in no list" for id in sorted(book.orders.keys() - listed.keys())]
    wrong += order_law.asked_again(listed.values())
    wrong += off_duty(registry, listed.values())
    pressed: dict[str, Counter[tuple[str, Any]]] = {}
    for press in book.presses:
        pressed.setdefault(press.order, Counter())[order_law.ACTIONS[press.action], press.at] += 1
    for id, order in listed.items():
        if (why := order_law.wrong(order)) is not None:
            wrong.append(f"{id}: {why}: {order['history']}")
        held = Counter((step["event"], order_law.moment(step["at"])) for step in order["history"]
                       if step["event"] in order_law.BY_PEOPLE)  # fmt: skip
        if held != pressed.get(id, Counter()):
            wrong.append(f"{id}: its history holds {held}, pressed was {pressed.get(id)}")
        if id in book.orders and book.orders[id]["state"] != order["state"]:
            wrong.append(f"{id}: {order['state']}, its screen says {book.orders[id]['state']}")
    for one in book.refusals:
        about = listed.get(one.order)
        if about is None or not order_law.refusable(about, one.action, truncated(one.asked_at), one.heard_at):
            wrong.append(f"{one.order}: {one.action} at {one.asked_at} was refused, which it may not be: {one.error}")
    return wrong


def off_duty(registry: Registry, orders: Iterable[dict[str, Any]]) -> list[str]:
    """Crews that were called though nobody was on shift; a unit's own station is called all the same."""
    found = []
    for one in orders:
        if one["kind"] == "respond" and one["reason"] != "own_unit":
            station, drafted = one["recipient"].removeprefix("station:"), order_law.moment(one["drafted_at"])
            if registry.on_shift(station, drafted.astimezone(ZoneInfo(ZONE))) == ():
                found.append(f"{one['id']}: nobody is on shift at {station} at {drafted}")
    return found


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _content(system: System) -> list[str]:
    """What the projections hold of incidents and orders, which have ended, by digest; alarms come and go meanwhile: a
    gateway that says no more is told offline.
    """
    return [
        system.query(f"SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} t")
        for table in ("incidents", "orders")
    ]
