"""A year of fire calls at speed: called by phone, worked off by crews who press in the system's time, counted twice."""

import asyncio
import contextlib
import random
import socket
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import calls
import httpx
import order_law
import reckoning
import usage
from alarms import fire, gateway
from book import Book, Judged, Opened, truncated
from crews import ANSWER_WITHIN_S, Crews, SystemTime
from crowd import Crowd, issuer, registered
from figure import Figure, at_least, at_most, percentile
from system import BenchTrouble, System, until

from api.identity import Role
from devices.model import Device, DutyKind, Kind
from devices.registry import Registry

SETTLE_S = 6 * 3600.0
"""System seconds after the last call in which all orders and incidents must have ended."""
SETTLE_REAL_S = 240.0
"""At least so many real seconds: a busy machine is behind its clock."""
CHECK_EVERY_S = 4 * 3600.0
"""Command asks a station (查岗) so often."""
ZONE = "Asia/Shanghai"
SPOT = (DutyKind.CONTACT, DutyKind.WARDEN, DutyKind.MANAGER, DutyKind.CONTRACTOR)
ABOVE = (DutyKind.LEADER, DutyKind.DEPUTY, DutyKind.PATRON, DutyKind.POLICE)
APART_DEG = 0.001
"""Some 100 m: fires nearer than 25 m are one incident."""
SAID = 12
"""So many things that are wrong are said."""


def everybody(registry: Registry, places: Iterable[str]) -> list[str]:
    """Whoever can be ordered to a fire at one of the places, and one screen of command."""
    people = {one.person for one in registry.duties if one.duty in ABOVE}
    rooms = set()
    for place in places:
        people |= {person for duty in SPOT for person in registry.holders(duty, place)}
        if registry.holders(DutyKind.CONTROL_ROOM, place):
            rooms.add(f"control_room:{place}")
    return [
        *(f"station:{code}" for code in registry.stations), *(f"person:{code}" for code in sorted(people)),
        *sorted(rooms), "command:main",
    ]  # fmt: skip


class Year:
    """So many days on a running system whose clock is `clock`."""

    def __init__(self, system: System, clock: SystemTime, days: float, say: Callable[[str], None], seed: int) -> None:
        self.system, self.clock, self.days, self.say = system, clock, days, say
        self.registry = registered(system)
        self.calls = calls.year(days, sorted(self.registry.places), seed)
        self.dice = random.Random(seed)
        who = {code: next(iter((*self.registry.rostered(code), *self.registry.serving(code))), "")
               for code in self.registry.stations}  # fmt: skip
        self.crews = Crews(clock, who, seed)
        self.crews.opened = self._opened
        self._detectors = _detectors(self.registry, self.dice)
        self._said: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._calling: list[str] = []
        self.book: Book = self.crews.book
        self.began = clock.now()
        self._http: httpx.AsyncClient | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        assert self._http is not None
        return self._http

    def _places(self) -> set[str]:
        """Where it may burn, as far as that is drawn already: detectors are taken in their order, nearly."""
        detected = sum(one.asked is None for one in self.calls)
        first = list(self._detectors)[: detected * 2 + 50]
        return {one.place for one in self.calls} | {one.place for one in first}

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Crowd]:
        end = self.clock.now() + timedelta(days=self.days + 30)
        token = issuer(self.system).issue(Role.COMMAND, None, end)
        people = everybody(self.registry, self._places())
        base, said = f"http://127.0.0.1:{self.system.http_port}", {"Authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(base_url=base, headers=said, trust_env=False, timeout=60) as self._http,
            Crowd(self.system, people, self.crews.hear, end, self.crews.back) as crowd,
            _publisher(self.system) as self._gateway,
        ):
            self.say(f"{len(people):,} screens connected")
            yield crowd

    async def played(self) -> list[Figure]:
        """The figures, once all is over and counted.

        Raises BenchTrouble for whatever is not as it must be.
        """
        async with self._connected() as crowd:
            self.began = self.clock.now()
            real = time.monotonic()
            checking = asyncio.create_task(self._checks())
            for number, call in enumerate(self.calls):
                await self.clock.reached(self.began + timedelta(seconds=call.at_s))
                self.crews.do(self._called(call) if call.asked is not None else self._detected(call))
                if number % 200 == 199:
                    self.say(f"{number + 1:,} of {len(self.calls):,} calls, day {call.at_s / calls.DAY_S:.1f}")
            checking.cancel()
            await self._over()
            took = time.monotonic() - real
            crowd.require_whole()
            return await self._judged(crowd, took)

    async def _called(self, call: calls.Call) -> None:
        assert call.asked is not None
        while self._near(call.place, self._detecting()):  # noqa: ASYNC110 - its fire would join this one, or not
            await asyncio.sleep(0.005)
        self._calling.append(call.place)
        asked_at = self.clock.now()
        answer = await self.http.post("/api/incidents", json=call.asked)
        heard_at = self.clock.now()
        self._calling.remove(call.place)
        if answer.status_code != httpx.codes.CREATED:
            self.book.wrong.append(f"a call was refused: {answer.text[:200]}")
            return
        told = answer.json()
        id, at = told["id"], order_law.moment(told["opened_at"])
        if not truncated(asked_at) <= at <= heard_at:
            self.book.wrong.append(f"{id}: called from {asked_at} to {heard_at}, opened at {at}")
        self.book.opened[id] = Opened(
            id, call.place, call.asked["kind"], call.asked["source"], at, confirmed=call.asked.get("confirmed", False)
        )
        self.crews.real[id] = call.real
        await self.clock.reached(at + timedelta(seconds=call.verdict_s))
        await self._verdict(id, call.verdict)

    def _opened(self, made: Opened, incident: dict[str, Any]) -> None:
        """What was not opened by hand: a detector's, or a task that the desk sets."""
        if made.source != "device":
            self.crews.do(self._maintained(made.id))
            return
        [alarm] = incident["alarms"]
        waiting = self._said.pop(alarm["device"], None)
        if waiting is None:
            self.book.wrong.append(f"{made.id} was opened by {alarm['device']}, which did not say fire")
        else:
            waiting.set_result(incident)

    async def _detected(self, call: calls.Call) -> None:
        """A detector says fire where nothing else burns; it restores and is reset once it was judged."""
        device = self._free_detector()
        self._said[device.code] = heard = asyncio.get_running_loop().create_future()
        asked_at = truncated(self.clock.now())
        await self._publish(device, "fire")
        self.book.burnt += 1
        async with asyncio.timeout(ANSWER_WITHIN_S):
            incident = await heard
        id, at = incident["id"], order_law.moment(incident["opened_at"])
        if not asked_at <= at <= self.clock.now():
            self.book.wrong.append(f"{id}: {device.code} said fire at {asked_at}, it was opened at {at}")
        self.crews.real[id] = call.real
        await self.clock.reached(at + timedelta(seconds=call.verdict_s))
        await self._verdict(id, call.verdict)
        await self._publish(device, "fire_restore")
        reset = await self.http.post(f"/api/alarms/{incident['alarms'][0]['id']}/actions", json={"action": "reset"})
        if reset.status_code != httpx.codes.OK:
            self.book.wrong.append(f"{device.code} was not reset: {reset.text[:200]}")

    def _free_detector(self) -> Device:
        """One at a place where nothing burns, nor near by: it would join that."""
        taken = {one.place for id, one in self.book.opened.items() if id not in self.book.closed}
        taken |= {*self._calling, *self._detecting()}
        for _ in range(len(self._detectors)):
            device = self._detectors.popleft()
            self._detectors.append(device)
            if not self._near(device.place, taken):
                return device
        raise BenchTrouble("it burns everywhere")

    def _detecting(self) -> set[str]:
        """Places whose detector has said fire, and nobody has heard of an incident yet."""
        return {self.registry.devices[code].place for code in self._said}

    def _near(self, place: str, others: Iterable[str]) -> bool:
        here = self.registry.places[place]
        there = (self.registry.places[one] for one in others)
        return any(abs(one.lat - here.lat) <= APART_DEG and abs(one.lon - here.lon) <= APART_DEG for one in there)

    async def _publish(self, device: Device, event: str) -> None:
        loop = asyncio.get_running_loop()
        packet = fire(device.gateway, device.code, event, int(self.clock.now().timestamp() * 1000))
        await loop.sock_sendall(self._gateway, packet)

    async def _maintained(self, id: str) -> None:
        """A task that the desk set is done in the course of the day."""
        await self.clock.reached(self.book.opened[id].at + timedelta(seconds=self.dice.uniform(1800, 10_000)))
        await self._verdict(id, {"verdict": "real", "cause": "dust"})

    async def _verdict(self, id: str, verdict: dict[str, Any]) -> None:
        asked_at = truncated(self.clock.now())
        answer = await self.http.post(f"/api/incidents/{id}/verdict", json=verdict)
        heard_at = self.clock.now()
        if answer.status_code != httpx.codes.OK:
            self.book.wrong.append(f"{id}: the verdict was refused: {answer.text[:200]}")
            return
        at = await self._judged_at(id) if verdict["verdict"] != "real" else heard_at
        if not asked_at <= at <= heard_at:
            self.book.wrong.append(f"{id}: judged from {asked_at} to {heard_at}, its timeline says {at}")
        self.book.judged[id] = Judged(verdict["verdict"], verdict.get("cause"), at)

    async def _judged_at(self, id: str) -> Any:
        """By its timeline, once the database has it."""
        for _ in range(200):
            told = (await self.http.get(f"/api/incidents/{id}")).json()
            found = [one["at"] for one in told["timeline"] or () if one["kind"] == "verdict"]
            if found:
                return order_law.moment(found[-1])
            await asyncio.sleep(0.05)
        raise BenchTrouble(f"{id}: no verdict in its timeline")

    async def _checks(self) -> None:
        stations = sorted(self.registry.stations)
        number = 0
        while True:
            number += 1
            await self.clock.reached(self.began + timedelta(seconds=number * CHECK_EVERY_S))
            await self.http.post(f"/api/stations/{self.dice.choice(stations)}/duty-checks")

    async def _over(self) -> None:
        """Everybody is back and every incident is closed, or what should be over by now is wrong."""
        end = self.clock.now() + timedelta(seconds=max(SETTLE_S, SETTLE_REAL_S * self.clock.rate))
        while self.clock.now() < end:
            await asyncio.sleep(0.2)
            if (
                not self.crews.busy()
                and not self.book.open_orders()
                and self.book.closed.keys() == self.book.opened.keys()
            ):
                break
        for id in self.book.open_orders():
            self.book.wrong.append(
                f"{id} is {self.book.orders[id]['state']} at the end: {self.book.orders[id]['history']}"
            )
        for id in self.book.opened.keys() - self.book.closed.keys():
            self.book.wrong.append(f"{id} is open at the end")
        await self.crews.end()
        if self.book.wrong:
            self._say_wrong(self.book.wrong)

    def _say_wrong(self, wrong: list[str]) -> None:
        """Raises BenchTrouble, once what is wrong is said."""
        for one in wrong[:200]:
            self.say(f"WRONG {one}")
        raise BenchTrouble(f"{len(wrong)} things are wrong: {'; '.join(wrong[:SAID])}")

    # ---- counted again

    async def _judged(self, crowd: Crowd, took: float) -> list[Figure]:
        await asyncio.to_thread(self._followed)
        listed = {one["id"]: one async for one in self._all("/api/orders")}
        self._lawful(listed)
        compared, different = await self._statistics()
        before = await asyncio.to_thread(_content, self.system)
        rebuilt = (await asyncio.to_thread(self.system.command, "ledger", "rebuild")).strip()
        changed = [line for line in rebuilt.splitlines()[:-1] if not line.endswith("all as they were")]
        if changed or await asyncio.to_thread(_content, self.system) != before:
            self.book.wrong.append(f"the projections were not what the ledger gives: {rebuilt}")
        again = (await self._statistics())[1]
        if again != different:
            different += [f"after the rebuild: {one}" for one in again]
        verified = (await asyncio.to_thread(self.system.command, "ledger", "verify")).strip()
        wrong = [*self.book.wrong, *different]
        if wrong:
            self._say_wrong(wrong)
        return self._figures(crowd, took, compared, verified, rebuilt)

    def _followed(self) -> None:
        """The database has what the desk decided."""
        wanted = len(self.book.orders)
        lacking = "SELECT count(*) FROM orders WHERE ended_at IS NULL"
        until(lambda: self.system.query("SELECT count(*) FROM orders") >= wanted and not self.system.query(lacking),
              "every order in the database, ended", 120)  # fmt: skip
        closed = "SELECT count(*) FROM incidents WHERE closed_at IS NULL"
        until(lambda: not self.system.query(closed), "every incident in the database, closed", 60)

    async def _all(self, address: str) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            page = (await self.http.get(address, params={"limit": 500, **cursor})).raise_for_status().json()
            for one in page["items"]:
                yield one
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def _lawful(self, listed: dict[str, dict[str, Any]]) -> None:
        """Each order ended lawfully, was on its screen, and holds of presses just what the script pressed."""
        book = self.book
        wrong = book.wrong
        wrong += [f"{id} was on no screen" for id in sorted(listed.keys() - book.orders.keys())]
        wrong += [f"{id} was on a screen and is in no list" for id in sorted(book.orders.keys() - listed.keys())]
        wrong += order_law.asked_again(listed.values())
        wrong += self._off_duty(listed.values())
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
            order = listed.get(one.order)
            if order is None or not order_law.refusable(order, one.action, truncated(one.asked_at), one.heard_at):
                wrong.append(
                    f"{one.order}: {one.action} at {one.asked_at} was refused, which it may not be: {one.error}"
                )

    def _off_duty(self, orders: Iterable[dict[str, Any]]) -> list[str]:
        """Crews that were called though nobody was on shift; a unit's own station is called all the same."""
        found = []
        for one in orders:
            if one["kind"] == "respond" and one["reason"] != "own_unit":
                station, drafted = one["recipient"].removeprefix("station:"), order_law.moment(one["drafted_at"])
                if self.registry.on_shift(station, drafted.astimezone(ZoneInfo(ZONE))) == ():
                    found.append(f"{one['id']}: nobody is on shift at {station} at {drafted}")
        return found

    async def _statistics(self) -> tuple[int, list[str]]:
        """How many values were compared, and where the two counts differ."""
        zone = ZoneInfo(ZONE)
        categories = {code: place.category for code, place in self.registry.places.items()}
        ours = reckoning.expected(self.book, categories, zone)
        span = {"from": self.began.isoformat(), "to": self.clock.now().isoformat()}
        whole, stations, days = [
            (await self.http.get("/api/stats", params=span | by)).raise_for_status().json()
            for by in ({}, {"by": "station"}, {"by": "day"})
        ]
        theirs = reckoning.told(whole, stations["lines"], days["lines"])
        return reckoning.size(ours), reckoning.differences(ours, theirs)

    # ---- told

    def _figures(self, crowd: Crowd, took: float, compared: int, verified: str, rebuilt: str) -> list[Figure]:
        book = self.book
        [control] = [role for role in self.system.roles if role.name == "control"]
        memory = usage.memory_mb(control.pid)
        states = Counter(one["state"] for one in book.orders.values())
        kinds = Counter(one["kind"] for one in book.orders.values())
        crews = [one for one in book.orders.values() if one["kind"] == "respond"]
        lapsed = [one for one in crews if any(step["event"] == "lapsed" for step in one["history"])]
        left = [one for one in lapsed if any(b["event"] == "lapsed" and a["event"] == "acknowledged"
                                             for a, b in pairwise(one["history"]))]  # fmt: skip
        late = [(one.at - one.asked_at).total_seconds() for one in book.presses]
        counted = reckoning.expected(book, {code: each.category or "" for code, each in self.registry.places.items()},
                                     ZoneInfo(ZONE))["one_three_five"]  # fmt: skip
        met = ", ".join(f"{name.replace('_', ' ')} {one['met']} of {one['due']}" for name, one in counted.items())
        return [
            Figure(f"fire calls of {self.days:g} days at {self.clock.rate:g} times speed", [len(self.calls)],
                   remark=f"within {took:.0f} s, {len(crowd.screens):,} screens; 1-3-5: {met}"),
            Figure("orders, each ended lawfully", [len(book.orders)],
                   remark=f"{_listed(kinds)}; {_listed(states)}; {len(book.refusals)} presses refused as they must be"),
            Figure("presses, each in its order's history at its moment", [len(book.presses)]),
            Figure("a press is decided after it was said, p99", [percentile(late, 0.99)], "s of the system's", 1,
                   remark=f"p50 {percentile(late, 0.5):.1f}, at most {max(late):.1f}"),
            Figure("crews whose order lapsed", [100 * len(lapsed) / len(crews)], "%", 1,
                   remark=f"{len(left)} of {len(lapsed)} had acknowledged and left later than 60 s after that"),
            Figure("statistics that the script counts too, and alike", [100], "%", 0, at_least(100, "100 %"),
                   remark=f"{compared:,} of them"),
            Figure("rows that a rebuild changed", [0], target=at_most(0, "0"),
                   remark=f"{rebuilt.splitlines()[-1]}; {verified.splitlines()[-1].partition(';')[0]}"),
            Figure("frames missing or twice", [0], target=at_most(0, "0"),
                   remark=f"screens were cut off and came back {sum(one.returns for one in crowd.screens)} times"),
            Figure("duty checks answered", [len(self.crews.checks)]),
            Figure("memory of control after it", [memory["rss"]], "MB", remark=f"at most {memory['peak']:.0f} MB"),
        ]  # fmt: skip


def _detectors(registry: Registry, dice: random.Random) -> deque[Device]:
    """All smoke detectors, shuffled."""
    found = [one for one in registry.devices.values() if registry.profiles[one.profile].kind is Kind.SMOKE]
    dice.shuffle(found)
    return deque(found)


@contextlib.asynccontextmanager
async def _publisher(system: System) -> AsyncIterator[socket.socket]:
    """Logged in at the broker for all gateways; what it answers is read and let go."""
    opened = gateway(system.broker.url(), "year")
    opened.setblocking(False)  # noqa: FBT003
    reading = asyncio.create_task(_let_go(opened))
    yield opened
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    opened.close()


async def _let_go(opened: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(opened, 1 << 16):
        pass


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


def measured(system: System, clock: SystemTime, days: float, say: Callable[[str], None], seed: int = 1) -> list[Figure]:
    """The figures of so many days on a running system whose clock is `clock`."""
    return asyncio.run(Year(system, clock, days, say, seed).played())
