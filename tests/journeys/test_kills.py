"""Every part killed with -9 in turn, while a gateway goes on publishing: nothing acknowledged is missing or twice."""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import commands
import pytest
import townlet
from clusters import Model
from outside import Frame, Gateway, Http, System, now_ms, until
from watcher import Watcher

pytestmark = pytest.mark.timeout(300)
EVERY_S = 0.02


class Ticker:
    """A gateway that publishes numbered readings, 50 a second, and notes which of them the broker acknowledged.

    Reading n has `ts` = start + n milliseconds.
    """

    def __init__(self, gateway: Gateway, device: str) -> None:
        self.start_ms = now_ms() - 3_600_000
        self.sent_at: list[float] = []
        self.broker_died_at: float | None = None
        self._mids: list[int] = []
        self._gateway, self._device = gateway, device
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            number = len(self._mids)
            item = {"device": self._device, "ts": self.start_ms + number, "seq": number, "temperature_c": 20.0}
            self.sent_at.append(time.monotonic())
            self._mids.append(self._gateway.send("telemetry", item))

    def acknowledged(self) -> set[int]:
        """Numbers that the broker has acknowledged so far."""
        taken = self._gateway.accepted
        return {number for number, mid in enumerate(list(self._mids)) if mid in taken}

    def lost_with_the_broker(self) -> set[int]:
        """Numbers that were on their way through the broker when it was killed: its own acknowledgement may be void.

        Nothing of two seconds before, and nothing after.
        """
        died = self.broker_died_at
        if died is None:
            return set()
        return {number for number, at in enumerate(list(self.sent_at)) if died - 2 < at < died + 1}

    def flows(self, system: System) -> None:
        """A reading published from now on has been stored."""
        number = len(self._mids)
        system.until(lambda: any(one >= number for one in self.stored(system)), "readings are stored again", 60)

    def stored(self, system: System) -> Counter[int]:
        """Numbers in the database, each as often as it is there; empty while that is away."""
        start = datetime.fromtimestamp(self.start_ms / 1000, UTC)
        with suppress(Exception), system.database() as database:
            rows = database.execute(
                "SELECT seq FROM readings_smoke JOIN devices ON devices.id = device WHERE code = %s AND ts >= %s",
                (self._device, start - timedelta(seconds=1)),
            )
            return Counter(row[0] for row in rows)
        return Counter()


@pytest.fixture(scope="module")
def doomed(server_temp: Path, model: Model, pack: Path) -> Iterator[System]:
    """A town to be killed."""
    system = System(server_temp / "doomed")
    model.furnish(system.data)
    try:
        system.start()
        commands.spare_processes(system)
        system.say("import", pack)
        viewer = system.http("viewer")
        system.until(lambda: len(viewer.get("/api/devices")["items"]) == len(townlet.MODELS), "the registry is taken")
        yield system
    finally:
        system.end()


@pytest.fixture(scope="module")
def ticking(doomed: System) -> Iterator[tuple[Ticker, Gateway]]:
    with doomed.gateway("GW-E") as gateway, Ticker(gateway, "SMK-CLINIC") as ticker:
        ticker.flows(doomed)
        yield ticker, gateway


@pytest.fixture(scope="module")
def watcher(doomed: System) -> Iterator[Watcher]:
    one = Watcher(doomed, "station", "ST-QUAY")
    yield one
    one.close()


@pytest.fixture(scope="module")
def command(doomed: System) -> Http:
    return doomed.http("command")


@pytest.fixture(scope="module")
def first_order(doomed: System, watcher: Watcher, ticking: tuple[Ticker, Gateway]) -> Frame:
    """An order that has been acknowledged before anything is killed, and stays open."""
    ticking[1].event("SMK-QUAY", "fire")
    order = until(lambda: next(iter(watcher.orders()), None), "the first order")
    watcher.press(order["id"], "acknowledge")
    with doomed.gateway("GW-W") as west:
        west.reading("ELE-LANE", residual_ma=900)
    return order


DEVICES = {"ingest": "SMK-MILL", "control": "SMK-INN", "postgres": "SMK-LANE-301", "mosquitto": "SMK-SHOP"}
"""Whose fire is published while the part is dead. Each place has but one such device."""


@pytest.mark.parametrize("part", DEVICES)
def test_a_killed_part_is_back_by_itself_and_nothing_is_missing_or_twice(
    doomed: System,
    ticking: tuple[Ticker, Gateway],
    command: Http,
    first_order: Frame,
    part: str,
) -> None:
    ticker, gateway = ticking
    device = DEVICES[part]
    before = everything_ordered(command)
    pid = doomed.process(part)
    killed_at = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    mine = gateway if device in ("SMK-MILL", "SMK-INN") else doomed.gateway("GW-W").__enter__()
    try:
        mine.send("event", {"device": device, "event": "fire", "ts": now_ms(), "seq": 1})
        doomed.until(lambda: is_new(doomed, part, pid), f"{part} runs again", 30)
        doomed.until(lambda: whole(doomed), "all is whole again", 60)
        ticker.flows(doomed)
        took = time.monotonic() - killed_at
        incident = until(lambda: incident_of(command, device), f"the fire of {device}, published meanwhile", 60)
    finally:
        if mine is not gateway:
            mine.__exit__()
    assert took < 60
    crews = [one for one in incident["orders"] if one["kind"] == "respond"]
    assert len(crews) == 1, crews
    now = everything_ordered(command)
    assert set(before) <= set(now)
    assert all(now[id][0] == before[id][0] for id in before)  # who was ordered stays so
    assert now[first_order["id"]][1] == "acknowledged"
    if part == "mosquitto":
        ticker.broker_died_at = killed_at
        said = [line for line in doomed.said().splitlines() if "MQTT broker was killed" in line]
        assert "it last saved" in said[-1]
        assert "messages" in said[-1]
    none_is_missing(doomed, ticker)
    assert set(ticker.stored(doomed).values()) <= {1}
    for one in crews:  # its crew has answered: nobody is called in its stead while the next part dies
        answer(doomed, one)


def test_up_itself_killed_and_a_new_one_on_the_same_data(
    doomed: System, ticking: tuple[Ticker, Gateway], command: Http, first_order: Frame
) -> None:
    ticker, gateway = ticking
    before = everything_ordered(command)
    survivors = {doomed.process(part) for part in DEVICES}
    assert doomed.child is not None
    doomed.child.kill()
    doomed.child.wait()
    mid = gateway.send("event", {"device": "SMK-STRANGE", "event": "fire", "ts": now_ms(), "seq": 1})
    doomed.start()
    doomed.until(lambda: all(is_new(doomed, part, *survivors) for part in DEVICES), "everything is new", 90)
    doomed.until(lambda: whole(doomed), "all is whole again", 60)
    ticker.flows(doomed)
    until(lambda: mid in gateway.accepted, "the event is acknowledged")
    incident = until(lambda: incident_of(command, "SMK-STRANGE"), "the fire published meanwhile", 60)
    assert len([one for one in incident["orders"] if one["kind"] == "respond"]) == 1
    now = everything_ordered(command)
    assert all(now[id][0] == before[id][0] for id in before)
    assert now[first_order["id"]][1] == "acknowledged"
    assert set(ticker.stored(doomed).values()) <= {1}
    assert doomed.command("ledger", "verify").returncode == 0


def test_what_was_acknowledged_while_up_was_started_anew_is_stored(
    doomed: System, ticking: tuple[Ticker, Gateway]
) -> None:
    none_is_missing(doomed, ticking[0])


def test_through_all_of_it_the_screen_got_each_frame_once_and_no_order_came_twice(
    doomed: System, watcher: Watcher, ticking: tuple[Ticker, Gateway], command: Http
) -> None:
    assert len(watcher.welcomes) >= 2  # control died, and `up`
    assert [one["resumed"] for one in watcher.welcomes[1:]] == [True] * (len(watcher.welcomes) - 1)
    assert len({one["stream"] for one in watcher.welcomes}) == 1
    seqs = [frame["seq"] for frame in watcher.frames]
    assert seqs == list(range(1, len(seqs) + 1))
    shown = [json.dumps(one, sort_keys=True) for one in watcher.orders()]
    assert len(shown) == len(set(shown))  # each frame was a change
    recipients = Counter((one["incident"], one["recipient"]) for one in command.all("/api/orders"))
    assert set(recipients.values()) == {1}
    incidents = Counter((one["place"]["code"], one["kind"]) for one in command.all("/api/incidents"))
    assert set(incidents.values()) == {1}, incidents
    with doomed.database() as database:
        events = database.execute("SELECT device, event, ts, seq, count(*) FROM events GROUP BY 1, 2, 3, 4").fetchall()
    assert {row[4] for row in events} == {1}
    assert ticking[1].refusals == []


def test_ctrl_c_ends_every_process_and_the_data_stay(doomed: System, watcher: Watcher) -> None:
    watcher.close()
    assert doomed.processes()
    assert doomed.stop() == 0, doomed.said()
    assert doomed.processes() == []
    assert "Traceback" not in doomed.said()
    assert (doomed.data / "pg").is_dir()


# ---- what is looked at


def none_is_missing(system: System, ticker: Ticker) -> None:
    """All that the broker acknowledged is stored, but for what a killed broker may have lost."""

    def missing() -> list[tuple[int, float]]:
        lost = ticker.acknowledged() - set(ticker.stored(system)) - ticker.lost_with_the_broker()
        return [(number, round(ticker.sent_at[number] - time.monotonic(), 1)) for number in sorted(lost)]

    until(lambda: not missing(), lambda: f"of {len(ticker.sent_at)} readings these are missing: {missing()[:50]}", 15)


def is_new(system: System, part: str, *old: int) -> bool:
    with suppress(AssertionError):
        return system.process(part) not in old
    return False


def whole(system: System) -> bool:
    with suppress(Exception):
        anybody = system.http(None)
        return bool(anybody.get("/api/ready")["state"] == "whole")
    return False


def everything_ordered(command: Http) -> dict[str, tuple[str, str]]:
    """Order -> its recipient and state."""
    return {one["id"]: (one["recipient"], one["state"]) for one in command.all("/api/orders")}


def incident_of(command: Http, device: str) -> Frame | None:
    with suppress(Exception):
        for one in command.all("/api/incidents"):
            if device in {alarm["device"] for alarm in one["alarms"]}:
                return one
    return None


def answer(system: System, order: Frame) -> None:
    kind, _, code = order["recipient"].partition(":")
    who = system.http(kind, code)
    who.post(f"/api/orders/{order['id']}/actions", {"ref": f"by-{order['id']}", "action": "acknowledge"})
