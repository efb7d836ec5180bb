"""Messages a second, durable before they are acknowledged, beside a C client that throws the same messages away."""

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import usage
from system import PREFIX, SEQS, BenchTrouble, Load, System, Worker, broker

from runtime.servers.packages import Binaries
from simulators.load.corpus import FIRST_SEQ

QUIET_S = 3.0
"""When the count of readings stands still for so long, the table is asked."""

STALL_S = 60.0
"""A run in which nothing has become durable for so long has failed."""

WARM_READINGS = 6_000
"""Sent and stored before each run: chunks are there, connections open, code loaded."""

numbers = itertools.count(FIRST_SEQ, SEQS)
"""The first number of each run's readings."""


@dataclass(slots=True)
class Run:
    """One measurement. Seconds of processor by process; `shares`: readings each worker stored.

    Of a flow that acknowledges before it stores: readings `lost`, at most `pending` at a time, and its largest memory.
    """

    messages: int
    readings: int
    seconds: float
    cpu_s: dict[str, float] = field(default_factory=dict)
    shares: tuple[float, ...] = ()
    publish_s: float = 0.0
    lost: int = 0
    pending: int = 0
    peak_mb: float = 0.0

    def message_rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    def reading_rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds

    def cpu_us(self, process: str) -> float:
        """Microseconds of processor for each message."""
        return self.cpu_s[process] / self.messages * 1e6


@dataclass(slots=True)
class Stand:
    """FireGrid with so many workers: a system of its own, stopped between runs."""

    system: System
    pack: Path
    workers: int = 1
    first_seqs: list[int] = field(default_factory=list)

    def live(self, count: int, **options: object) -> Run:
        """Published flat out while the workers take it; from the first publication to the last commit."""
        with self.system.running():
            workers = self._workers()
            self._warm(workers, options)
            seq = next(numbers)
            load = Load(self.system.broker.url(), self.pack, count=count, first_seq=seq, **options)
            before = [worker.stored() for worker in workers]
            spent = self._spent(workers)
            began = time.monotonic()
            load.go()
            readings = count * int(str(options.get("per_message", 1)))
            ended = _all_stored(workers, sum(before) + readings, began, lambda: self.system.rows(seq) >= readings)
            published = load.result()
            return self._checked(seq, published, ended - began, workers, spent, before)

    def backlog(self, count: int, **options: object) -> Run:
        """Queued in the broker, then a worker is started; from its first message to the last commit."""
        with self.system.running():
            workers = self._workers()
            self._warm(workers, options)
            for worker in workers:
                self.system.stop(worker)
            seq = next(numbers)
            load = Load(self.system.broker.url(), self.pack, count=count, first_seq=seq, **options)
            load.go()
            published = load.result()
            workers = [self.system.worker(number, wait=False) for number in range(self.workers)]
            began = _first_received(workers)
            spent = self._spent(workers)  # coming up costs a second of processor, which is not the messages'
            readings = published["readings"]
            ended = _all_stored(workers, readings, began, lambda: self.system.rows(seq) >= readings)
            return self._checked(seq, published, ended - began, workers, spent, [0.0] * len(workers))

    def _workers(self) -> list[Worker]:
        made = [self.system.worker(number, wait=False) for number in range(self.workers)]
        for each in made:
            self.system.wait(each)
        return made

    def _warm(self, workers: Sequence[Worker], options: dict[str, object]) -> None:
        before = sum(worker.stored() for worker in workers)
        count = max(60, WARM_READINGS // int(str(options.get("per_message", 1))))
        load = Load(self.system.broker.url(), self.pack, count=count, first_seq=next(numbers), **options)
        load.go()
        _all_stored(workers, before + load.result()["readings"], time.monotonic())

    def _spent(self, workers: Sequence[Worker]) -> dict[str, float]:
        servers = {"broker": self.system.broker.child, "database": self.system.postgres.child}
        found = {name: usage.cpu_s(child.pid) for name, child in servers.items() if child is not None}
        return {**found, "ingest": sum(usage.cpu_s(worker.pid) for worker in workers)}

    def _checked(
        self,
        seq: int,
        published: dict[str, float],
        seconds: float,
        workers: Sequence[Worker],
        spent: dict[str, float],
        before: Sequence[float],
    ) -> Run:
        """The run, if every reading the broker acknowledged is in the table, once. Raises BenchTrouble."""
        used = {name: value - spent[name] for name, value in self._spent(workers).items()}
        shares = tuple(worker.stored() - one for worker, one in zip(workers, before, strict=True))
        rows, wanted = self.system.rows(seq), int(published["readings"])
        if rows != wanted or published["refused"]:
            raise BenchTrouble(f"{wanted} readings were acknowledged to the publisher, {rows} are stored")
        self.first_seqs.append(seq)
        return Run(
            int(published["acknowledged"]),
            rows,
            seconds,
            {**used, "load": published["cpu_s"]},
            shares,
            published["seconds"],
        )


def _first_received(workers: Sequence[Worker]) -> float:
    """The last moment at which no message had come."""
    began = time.monotonic()
    deadline = began + STALL_S
    while sum(worker.count("firegrid_ingest_messages_total") for worker in workers) == 0:
        began = time.monotonic()
        if began > deadline:
            raise BenchTrouble("the worker took no message")
        time.sleep(0.01)
    return began


def _all_stored(
    workers: Sequence[Worker], expected: float, began: float, there: Callable[[], bool] = lambda: False
) -> float:
    """When all was committed, to a tenth of a second. Raises BenchTrouble when nothing happens any more.

    A reading whose first commit was in doubt is counted as a repeat: when nothing moves, `there` is asked whether all
    are in the table.
    """
    last, moved = 0.0, began
    while True:
        stored = sum(worker.stored() for worker in workers)
        now = time.monotonic()
        if stored >= expected:
            return now
        if stored > last:
            last, moved = stored, now
        if now - moved > QUIET_S and there():
            return moved
        if now - moved > STALL_S:
            raise BenchTrouble(
                f"{stored:.0f} of {expected:.0f} readings are stored, and nothing has come for a minute; "
                + "; ".join(f"{worker.name}: {_told(worker)}" for worker in workers)
            )
        time.sleep(0.1)


def _told(worker: Worker) -> str:
    """What of its counts tells where readings may be, and its last warning."""
    counts = {key.removeprefix("firegrid_ingest_"): value for key, value in worker.metrics().items() if value}
    telling = ("messages_total", "readings_", "refused", "pending", "sessions_lost", "spool", "batches")
    words = ", ".join(f"{key} {value:.0f}" for key, value in counts.items() if key.startswith(telling))
    warnings = [line for line in worker.log.read_text().splitlines() if '"warning"' in line or '"error"' in line]
    return f"{words}; {''.join(warnings[-1:])[:500]}"


KEPT = ("-c", "-x", "3600")
"""Options of `mosquitto_sub` for a session that outlives its connection."""


class Null:
    """`mosquitto_sub` with a session of its own on a broker of its own."""

    def __init__(self, folder: Path, binaries: Binaries, pack: Path) -> None:
        if binaries.clients is None:
            raise BenchTrouble("mosquitto_sub is not on this machine (package mosquitto-clients)")
        folder.mkdir(parents=True)
        folder.chmod(0o711)
        self._program = binaries.clients / "mosquitto_sub"
        self._broker = broker(folder, binaries)
        self._pack = pack

    def live(self, count: int, **options: object) -> Run:
        """Published flat out while it receives; from the first publication to its last message."""
        return self._run(count, options, self._live)

    def backlog(self, count: int, **options: object) -> Run:
        """Queued in the broker, then it is started; from its start to its last message."""
        return self._run(count, options, self._backlog)

    def _run(self, count: int, options: dict[str, object], how: Callable[[Load, int], Run]) -> Run:
        self._broker.start()
        with ExitStack() as stack:
            stack.callback(self._broker.stop)
            self._broker.wait()
            # what an earlier run received and had not acknowledged is forgotten with its session
            for kept in ((), KEPT):
                subprocess.run([*self._command(kept), "-E"], check=True, timeout=30, stdout=subprocess.DEVNULL)
            load = Load(self._broker.url(), self._pack, count=count, first_seq=next(numbers), **options)
            return how(load, count)

    def _live(self, load: Load, count: int) -> Run:
        child = self._subscribe(count)
        before = self._spent()
        began = time.monotonic()
        load.go()
        spent = _reaped(child)
        return self._told(load.result(), time.monotonic() - began, spent, before)

    def _backlog(self, load: Load, count: int) -> Run:
        load.go()
        published = load.result()
        before = self._spent()
        began = time.monotonic()
        spent = _reaped(self._subscribe(count))
        return self._told(published, time.monotonic() - began, spent, before)

    def _subscribe(self, count: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([*self._command(KEPT), "-C", str(count)], stdout=subprocess.DEVNULL)

    def _command(self, kept: Sequence[str]) -> list[str]:
        options = ["-h", "127.0.0.1", "-p", str(self._broker.port), "-u", "_firegrid"]
        options += ["-P", self._broker.internal_password(), "-V", "mqttv5", "-i", "null", *kept, "-q", "1"]
        # as many unacknowledged as an ingest worker may have
        options += ["-D", "connect", "receive-maximum", "20000", "-N", "-t", f"{PREFIX}/+/telemetry"]
        return [str(self._program), *options]

    def _spent(self) -> float:
        return usage.cpu_s(self._broker.child.pid) if self._broker.child is not None else 0.0

    def _told(self, published: dict[str, float], seconds: float, spent: float, before: float) -> Run:
        used = {"mosquitto_sub": spent, "broker": self._spent() - before, "load": published["cpu_s"]}
        messages = int(published["acknowledged"])
        return Run(messages, int(published["readings"]), seconds, used, (), published["seconds"])


def _reaped(child: "subprocess.Popen[bytes]") -> float:
    """The child has ended by itself; its processor seconds."""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise BenchTrouble(f"mosquitto_sub ended with status {child.returncode}")
    return used.ru_utime + used.ru_stime
