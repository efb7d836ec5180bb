"""What happens in a year of fire calls, whoever plays it: calls, detectors, verdicts and duty checks in time."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import calls
import httpx
import order_law
from book import Book, Judged, Opened, truncated
from crews import Clock, Crews, Said
from judging import require_right
from system import BenchTrouble

from devices.model import Device, DutyKind, Kind
from devices.registry import Registry

SETTLE_S = 6 * 3600.0
"""System seconds after the last call in which all orders and incidents must have ended."""
SETTLE_REAL_S = 240.0
"""At least so many real seconds: a busy machine is behind its clock."""
LOOK_S, QUIET_LOOKS = 60.0, 5
"""System seconds between two looks whether all is over, and so many looks in a row that must find it so."""
CHECK_EVERY_S = 4 * 3600.0
"""Command asks a station (查岗) so often."""
HEARD_WITHIN_S = 180.0
"""Real seconds until an incident must have come of a detector's fire."""
SPOT = (DutyKind.CONTACT, DutyKind.WARDEN, DutyKind.MANAGER, DutyKind.CONTRACTOR)
ABOVE = (DutyKind.LEADER, DutyKind.DEPUTY, DutyKind.PATRON, DutyKind.POLICE)
APART_DEG = 0.001
"""Some 100 m: fires nearer than 25 m are one incident."""


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


class Script(ABC):
    """So many days of a registry's district. `http` is command's client, `said` how crews press; `book` is kept."""

    http: httpx.AsyncClient

    def __init__(
        self, registry: Registry, clock: Clock, days: float, say: Callable[[str], None], seed: int, said: Said
    ) -> None:
        self.registry, self.clock, self.days, self.say = registry, clock, days, say
        self.calls = calls.year(days, sorted(registry.places), seed)
        self.dice = random.Random(seed)
        who = {code: next(iter((*registry.rostered(code), *registry.serving(code))), "") for code in registry.stations}
        self.crews = Crews(clock, who, seed, said)
        self.crews.opened = self._opened
        self.book: Book = self.crews.book
        self.began = clock.now()
        self._detectors = _detectors(registry, self.dice)
        self._said: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._calling: list[str] = []
        self._checking: asyncio.Task[None] | None = None
        self._verdicts: dict[str, tuple[datetime, datetime]] = {}

    @abstractmethod
    async def signalled(self, device: Device, event: str) -> None:
        """The device has said this now."""

    def recipients(self) -> list[str]:
        """Who has a screen. Where it may burn is drawn already: detectors are taken in their order, nearly."""
        detected = sum(one.asked is None for one in self.calls)
        first = list(self._detectors)[: detected * 2 + 50]
        return everybody(self.registry, {one.place for one in self.calls} | {one.place for one in first})

    async def play(self) -> None:
        """All has happened, and everybody is back.

        Raises BenchTrouble for what is not over by then, or went wrong meanwhile.
        """
        self.began = self.clock.now()
        self._checking = asyncio.create_task(self._checks())
        for number, call in enumerate(self.calls):
            await self.clock.reached(self.began + timedelta(seconds=call.at_s))
            self.crews.do(self._called(call) if call.asked is not None else self._detected(call))
            if number % 200 == 199:
                self.say(f"{number + 1:,} of {len(self.calls):,} calls, day {call.at_s / calls.DAY_S:.1f}")
        self._checking.cancel()
        await self._over()

    def working(self) -> int:
        """How many things are being done while it plays; each waits for the clock or is about to go on."""
        return 1 + self.crews.busy() + int(self._checking is not None and not self._checking.done())

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
        kind, source = call.asked["kind"], call.asked["source"]
        self.book.began(Opened(id, call.place, kind, source, at, confirmed=call.asked.get("confirmed", False)))
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
        await self.signalled(device, "fire")
        self.book.burnt += 1
        async with asyncio.timeout(HEARD_WITHIN_S):
            incident = await heard
        id, at = incident["id"], order_law.moment(incident["opened_at"])
        if not asked_at <= at <= self.clock.now():
            self.book.wrong.append(f"{id}: {device.code} said fire at {asked_at}, it was opened at {at}")
        self.crews.real[id] = call.real
        await self.clock.reached(at + timedelta(seconds=call.verdict_s))
        await self._verdict(id, call.verdict)
        await self.signalled(device, "fire_restore")
        reset = await self.http.post(f"/api/alarms/{incident['alarms'][0]['id']}/actions", json={"action": "reset"})
        if reset.status_code != httpx.codes.OK:
            self.book.wrong.append(f"{device.code} was not reset: {reset.text[:200]}")

    def _free_detector(self) -> Device:
        """One at a place where nothing burns, nor near by: it would join that."""
        taken = {self.book.opened[id].place for id in self.book.open}
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
        self.book.judged[id] = Judged(verdict["verdict"], verdict.get("cause"), heard_at)
        if verdict["verdict"] != "real":
            self._verdicts[id] = asked_at, heard_at

    async def read_verdicts(self) -> None:
        """Those that end the wait for a milestone have the moments that the timelines say, which must fit."""
        for id, (asked_at, heard_at) in self._verdicts.items():
            at = await self._judged_at(id)
            if not asked_at <= at <= heard_at:
                self.book.wrong.append(f"{id}: judged from {asked_at} to {heard_at}, its timeline says {at}")
            self.book.judged[id] = replace(self.book.judged[id], at=at)

    async def _judged_at(self, id: str) -> datetime:
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
        """Everybody is back and every incident is closed, or what should be over by now is wrong.

        It is seen twice: what the last closing brings about may be on its way.
        """
        end = self.clock.now() + timedelta(seconds=max(SETTLE_S, SETTLE_REAL_S * self.clock.rate))
        quiet = 0
        while quiet < QUIET_LOOKS and self.clock.now() < end:
            await self.clock.reached(self.clock.now() + timedelta(seconds=LOOK_S))
            quiet = quiet + 1 if self._quiet() else 0
        for id in self.book.open_orders():
            one = self.book.orders[id]
            self.book.wrong.append(f"{id} is {one['state']} at the end: {one['history']}")
        for id in sorted(self.book.open):
            self.book.wrong.append(f"{id} is open at the end")
        await self.crews.end()
        require_right(self.book.wrong, self.say)

    def _quiet(self) -> bool:
        return not self.crews.busy() and not self.book.open and not self.book.open_orders()


def _detectors(registry: Registry, dice: random.Random) -> deque[Device]:
    """All smoke detectors, shuffled."""
    found = [one for one in registry.devices.values() if registry.profiles[one.profile].kind is Kind.SMOKE]
    dice.shuffle(found)
    return deque(found)
