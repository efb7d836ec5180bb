"""One fault's run: readings flow and fires break out before, while and after something fails; then it is counted.

What must hold after every fault: each reading the broker acknowledged to its gateway is stored, once, as it was sent;
each fire is one event, one incident, one order to one crew, and on that crew's screen; every screen has each of its
frames once and none is missing.
"""

import functools
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Self

import estate
import numpy as np
import psycopg
from fires import Fires, in_turn
from flow import Flow
from outside import Frame, Gateway, now_ms, until
from scene import FULL, SPAN, Account, Scene, logged

MOST_BEHIND = 50_000
"""Messages that may wait in the broker at full load: much more than ingest takes at a time, far less than fit."""


class Trial:
    """Readings at `rate` a second in all (None: as fast as the broker takes them) and a fire every `fire_s` seconds."""

    def __init__(
        self, scene: Scene, account: Account, rate: float | None, fire_s: float, nominal: float = 6000
    ) -> None:
        self.scene, self.account = scene, account
        self.base = scene.next_base()
        self.start_ms = now_ms()
        self.began = datetime.now(UTC)
        self._step_ms = 1000 * len(estate.GATEWAYS) / (rate or nominal)
        self._logged = len(logged(scene.system, "ingest", "device_event"))
        self._stack = ExitStack()
        self.flow = Flow(
            scene.port,
            [
                (code, scene.passwords[code], functools.partial(self.payload, index))
                for index, code in enumerate(estate.GATEWAYS)
            ],
            rate,
        )
        self.gateways = {code: Gateway(scene.port, code, scene.passwords[code]) for code in estate.GATEWAYS}
        self.fires = Fires(in_turn(self.gateways, {code: scene.detectors(code) for code in estate.GATEWAYS}), fire_s)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for one in self.gateways.values():
                stack.enter_context(one)
            stack.enter_context(self.flow)
            stack.enter_context(self.fires)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)

    # ---- what is published

    def payload(self, index: int, number: int) -> bytes:
        """Reading `number` of the gateway with this index."""
        gateway = estate.GATEWAYS[index][3:]
        seq = self.seq(index, number)
        return (
            f'{{"device":"D-{gateway}-{number % estate.DEVICES_EACH:02d}","ts":{self.ts_ms(number)},"seq":{seq},'
            f'"temperature_c":{15 + seq % 200 / 10}}}'
        ).encode()

    def seq(self, index: int, number: int) -> int:
        """What names the reading among all."""
        return self.base + index * (SPAN // 10) + number

    def ts_ms(self, number: int) -> int:
        """When the device says it measured."""
        return self.start_ms + math.floor(number * self._step_ms)

    # ---- what is looked at

    def next_order(self, after: float, within_s: float = 60) -> float:
        """When the first new order that arrived after this moment did; both real monotonic seconds."""

        def found() -> float | None:
            times = [
                at
                for one in self.scene.stations
                for frame, at in zip(list(one.frames), list(one.arrived), strict=False)
                if at > after and frame["type"] == "order" and frame["order"]["state"] == "drafted"
            ]
            return min(times, default=None)

        at = until(found, "a new order is on a screen", within_s, every_s=0.01)
        assert at is not None
        return at

    def flows(self, within_s: float = 90) -> float:
        """Seconds until a reading published from now on is stored."""
        asked = time.monotonic()
        line = self.flow.lines[0]
        first = line.sent

        def there() -> bool:
            with suppress(Exception), self.scene.system.database() as database:
                row = database.execute(
                    "SELECT EXISTS (SELECT FROM devices JOIN readings_smoke ON device = devices.id"
                    " WHERE code = ANY(%s) AND ts >= %s AND seq >= %s AND seq < %s)",
                    (estate.devices(estate.GATEWAYS[0]), _time(self.ts_ms(first)), self.seq(0, first), self.seq(1, 0)),
                ).fetchone()
                return bool(row and row[0])
            return False

        self.scene.system.until(there, "readings are stored", within_s)
        return time.monotonic() - asked

    def advances(self, within_s: float = 90) -> float:
        """Seconds until more is stored than now."""
        asked, before = time.monotonic(), self.newest()
        assert before is not None
        self.scene.system.until(lambda: (self.newest() or {}).items() - before.items(), "more is stored", within_s)
        return time.monotonic() - asked

    def newest(self) -> dict[int, int] | None:
        """Index of a gateway -> number of its newest reading that is stored, of one device; None: no database."""
        with suppress(psycopg.Error), self.scene.system.database() as database:
            rows = database.execute(
                "SELECT newest.seq FROM devices CROSS JOIN LATERAL ("
                " SELECT seq FROM readings_smoke WHERE device = devices.id AND ts >= %s AND seq >= %s AND seq < %s"
                " ORDER BY ts DESC LIMIT 1) AS newest WHERE code = ANY(%s) ORDER BY code",
                (
                    _time(self.start_ms),
                    self.base,
                    self.base + SPAN,
                    [estate.devices(one)[0] for one in estate.GATEWAYS],
                ),
            ).fetchall()
            return dict(divmod(seq - self.base, SPAN // 10) for (seq,) in rows)
        return None

    def behind(self) -> int:
        """About how many messages wait to be stored."""
        newest = self.newest() or {}
        return sum(line.accepted - newest.get(index, 0) for index, line in enumerate(self.flow.lines))

    @contextmanager
    def full_load(self) -> Iterator[None]:
        """Readings come as fast as they are stored, with tens of thousands waiting in the broker all the time."""
        over = threading.Event()

        def govern() -> None:
            while not over.wait(0.2):
                behind = self.behind()
                if behind > MOST_BEHIND:
                    self.flow.hold()
                elif behind < MOST_BEHIND // 2:
                    self.flow.go()

        thread = threading.Thread(target=govern, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)
            self.flow.go()

    def stored(self) -> np.ndarray:
        """The sequence numbers of this trial's readings in the database, sorted, as often as they are there."""
        with self.scene.system.database() as database:
            end = self.ts_ms(max(line.sent for line in self.flow.lines)) + 1000
            with (
                database.cursor() as cursor,
                cursor.copy(
                    "COPY (SELECT seq FROM readings_smoke "
                    "WHERE ts >= %s AND ts <= %s AND seq >= %s AND seq < %s) TO STDOUT",
                    (_time(self.start_ms), _time(end), self.base, self.base + SPAN),
                ) as copy,
            ):
                text = b"".join(bytes(part) for part in copy)
        return np.sort(np.array(text.split(), dtype=np.int64))

    def count(self) -> int:
        """How many of this trial's readings are stored; -1 while the database is away."""
        with suppress(Exception), self.scene.system.database() as database:
            end = self.ts_ms(max(line.sent for line in self.flow.lines)) + 1000
            row = database.execute(
                "SELECT count(*) FROM readings_smoke WHERE ts >= %s AND ts <= %s AND seq >= %s AND seq < %s",
                (_time(self.start_ms), _time(end), self.base, self.base + SPAN),
            ).fetchone()
            return int(row[0]) if row else -1
        return -1

    def acknowledged(self) -> np.ndarray:
        """The sequence numbers the broker has acknowledged to their gateways, sorted."""
        parts = [
            self.seq(index, 0) + np.flatnonzero(np.frombuffer(bytes(line.acknowledged), dtype=np.uint8))
            for index, line in enumerate(self.flow.lines)
        ]
        return np.concatenate(parts).astype(np.int64)

    def sent_when(self, seqs: np.ndarray) -> np.ndarray:
        """When each of these was sent first: real monotonic seconds, at most 0.1 s too late."""
        times = np.array([at for at, _ in self.flow.sent_by])
        counts = np.array([sent for _, sent in self.flow.sent_by])
        lines, numbers = np.divmod(seqs - self.base, SPAN // 10)
        found = [
            np.searchsorted(counts[:, line], number, side="right") for line, number in zip(lines, numbers, strict=True)
        ]
        return times[np.minimum(np.array(found, dtype=np.int64), len(times) - 1)]

    def sent_between(self, begin: float, end: float) -> int:
        """How many were sent first between these real monotonic seconds, give or take 0.1 s."""
        times = np.array([at for at, _ in self.flow.sent_by])
        totals = np.array([sum(sent) for _, sent in self.flow.sent_by])
        first, last = np.searchsorted(times, begin) - 1, np.searchsorted(times, end)
        return int(totals[min(last, len(totals) - 1)] - totals[max(first, 0)])

    def refused(self) -> Counter[str]:
        """Items refused today, of all gateways, by reason."""
        with self.scene.system.database() as database:
            rows = database.execute(
                "SELECT reason, sum(count)::int FROM quarantine_counts WHERE day >= %s GROUP BY reason",
                (self.began.date(),),
            )
            return Counter(dict(rows.fetchall()))

    # ---- the end

    def finish(
        self,
        within_s: float = 180,
        losing: Callable[[np.ndarray], int] | None = None,
        excused: Callable[[], set[str]] = set,
    ) -> None:
        """Nothing new is published, all is counted, and what must hold after every fault holds.

        For a killed broker: `losing` is given the sequence numbers that are missing and says how many of them it cannot
        excuse; `excused` names the detectors whose fire may have died with it.
        """
        account, flow = self.account, self.flow
        finished = time.monotonic()
        flow.finish(within_s)
        self.fires.finish(within_s)
        acknowledged = self.acknowledged()
        target = len(acknowledged)
        most = 0
        moved = time.monotonic()
        while (now := self.count()) < target:
            if now > most:
                most, moved = now, time.monotonic()
            if time.monotonic() - moved > (10 if losing else 45):  # nothing came for so long: it does not come
                break
            assert time.monotonic() - finished < within_s, f"{now} of {target} stored"
            time.sleep(0.5 if now > 100_000 else 0.1)
        account.caught_up_s = time.monotonic() - finished
        stored = self.stored()
        unique = np.unique(stored)
        missing = np.setdiff1d(acknowledged, unique)
        sent = np.concatenate([self.seq(index, 0) + np.arange(line.sent) for index, line in enumerate(flow.lines)])
        account.sent, account.acknowledged, account.again = flow.sent, target, flow.again
        account.stored, account.missing, account.twice = len(unique), len(missing), len(stored) - len(unique)
        assert account.twice == 0
        assert np.setdiff1d(unique, sent).size == 0, "readings are stored that nobody sent"
        assert self.wrong() == 0, "readings are stored otherwise than they were sent"
        unexcused = losing(missing) if losing else len(missing)
        assert unexcused == 0, f"{unexcused} of {target} acknowledged readings are missing: {missing[:20]}"
        self.judge_fires(excused())
        self.judge_screens()
        account.passed = True

    def wrong(self) -> int:
        """Stored readings of this trial that differ from what was sent in device, time or value."""
        with self.scene.system.database() as database:
            row = database.execute(
                "SELECT count(*) FROM readings_smoke JOIN devices ON devices.id = device "
                "CROSS JOIN LATERAL "
                "(SELECT (seq - %(base)s) / %(each)s AS line, (seq - %(base)s) %% %(each)s AS number) AS k "
                "WHERE ts >= %(start)s AND seq >= %(base)s AND seq < %(end)s AND ("
                " abs(temperature_c - (15 + (seq %% 200) / 10.0)) > 1e-9"
                " OR code <> 'D-' || lpad((line + 1)::text, 2, '0')"
                "  || '-' || lpad((number %% %(devices)s)::text, 2, '0')"
                " OR abs(extract(epoch FROM ts) * 1000 - (%(start_ms)s + floor(number * %(step)s::float8))) > 1)",
                {
                    "base": self.base,
                    "each": SPAN // 10,
                    "end": self.base + SPAN,
                    "start": _time(self.start_ms),
                    "start_ms": self.start_ms,
                    "devices": estate.DEVICES_EACH,
                    "step": self._step_ms,
                },
            ).fetchone()
        return int(row[0]) if row else 0

    def judge_fires(self, excused: set[str]) -> None:
        """Each fire is one event, in one incident, with one order to one crew, whose screen shows it.

        Of the `excused` those count that were shown.
        """
        account, fires, scene = self.account, self.fires, self.scene
        account.fires = len(fires.published)
        must = {one.device for one in fires.published} - excused
        until(
            lambda: must <= set(fires.latencies_s(scene.stations)),
            lambda: "fires on no screen: " + "; ".join(self.traces(must - set(fires.latencies_s(scene.stations)))),
            60,
        )
        took = fires.latencies_s(scene.stations)
        devices = set(took)
        account.shown = len(took)
        account.slowest_s, account.p99_s = max(took.values(), default=0.0), _quantile(sorted(took.values()), 0.99)
        if excused:
            account.notes.append(
                f"of {len(excused)} fires that may have died with the broker {len(excused - devices)} did"
            )

        def events() -> dict[str, int]:
            with scene.system.database() as database:
                rows = database.execute(
                    "SELECT device, count(*) FROM events WHERE received_at >= %s AND event = 'fire' GROUP BY device",
                    (self.began - timedelta(seconds=1),),
                ).fetchall()
            return {device: count for device, count in rows if device in devices}

        once = dict.fromkeys(devices, 1)
        # a fire is on its screen before what was spooled of it is drained
        until(lambda: events() == once, lambda: f"events that are not there once: {_odd(events(), devices)}", 20)
        crews = self.crews(devices)
        counts = {device: len(orders) for device, orders in crews.items()}
        assert counts == dict.fromkeys(devices, 1), f"fires without exactly one crew: {_odd(counts, devices)}"
        shown = {one.recipient: {order["id"] for order in one.orders()} for one in scene.stations}
        unseen = [one["id"] for orders in crews.values() for one in orders if one["id"] not in shown[one["recipient"]]]
        assert not unseen, f"orders that their own crew's screen has not shown: {unseen}"

    def seen(self) -> set[str]:
        """Devices whose event in this trial ingest has seen; in earlier ones the same may have burnt."""
        return {entry["device"] for entry in logged(self.scene.system, "ingest", "device_event")[self._logged :]}

    def traces(self, devices: set[str]) -> list[str]:
        """How far the fire of each of these devices has come, for who reads of a failure."""
        seen, waiting = self.seen(), set(self.fires.unacknowledged())
        with self.scene.system.database() as database:
            rows = database.execute(
                "SELECT DISTINCT device FROM events WHERE device = ANY(%s) AND received_at >= %s",
                (list(devices), self.began),
            )
            stored = {device for (device,) in rows.fetchall()}
        return [
            f"{one.device} sent {time.monotonic() - one.at:.1f} s ago, "
            f"{'not ' * (one.device in waiting)}acknowledged by the broker, "
            f"{'not ' * (one.device not in seen)}seen by ingest, {'not ' * (one.device not in stored)}stored"
            for one in self.fires.published
            if one.device in devices
        ]

    def crews(self, devices: set[str]) -> dict[str, list[Frame]]:
        """Device -> the orders to crews of the open incidents it is in."""
        places = {f"P-{device[2:]}": device for device in devices}
        found: dict[str, list[Frame]] = {device: [] for device in devices}
        for incident in self.scene.http.all("/api/incidents", state="open"):
            device = places.get(incident["place"]["code"])
            if device is not None and device in {alarm["device"] for alarm in incident["alarms"]}:
                found[device] += [one for one in incident["orders"] if one["kind"] == "respond"]
        return found

    def judge_screens(self) -> None:
        """Every screen has each of its frames once, none is missing, and each reconnection was resumed."""
        for one in self.scene.watchers:
            first = one.welcomes[0]["seq"]
            assert one.seqs() == list(range(first + 1, first + 1 + len(one.frames))), f"{one.recipient}: {one.seqs()}"
            assert not one.repeated, f"{one.recipient} got again: {one.repeated[:3]}"
            assert all(welcome["resumed"] for welcome in one.welcomes[1:]), f"{one.recipient}: {one.welcomes}"


@contextmanager
def trial(scene: Scene, account: Account, rate: float | None, fire_s: float) -> Iterator[Trial]:
    """A trial whose readings are being stored."""
    scene.peace(360 if account.length == FULL.name else 120)
    with Trial(scene, account, rate, fire_s) as one:
        until(lambda: one.flow.sent, lambda: f"nothing is sent: {one.flow.failure}")
        one.flows(300)
        yield one


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else 0.0


def _odd(counts: dict[str, int], wanted: set[str]) -> dict[str, int]:
    return {device: counts.get(device, 0) for device in sorted(wanted) if counts.get(device, 0) != 1}
