"""The parts of the benchmark: each measures on data of its own and gives its figures."""

import asyncio
from collections.abc import Callable

import centre
import choice
import copying
import history as past_readings
import latency
import reference
import usage
from bench import Bench
from figure import Figure, at_least, at_most, ratio_at_least
from system import Load, until
from throughput import Null, Run, Stand

MB = "MB"


def single(bench: Bench) -> list[Figure]:
    """One reading a message, live and from a backlog."""
    pack, count = bench.pack(), bench.size.messages
    one = Stand(bench.system("single-1", pack), pack)
    two = Stand(bench.system("single-2", pack), pack, workers=2)
    null = Null(bench.folder / "single-null", bench.binaries, pack)
    flows = bench.reference(pack)
    runs = _rounds(
        bench,
        {
            "one worker, live": lambda: one.live(count),
            "mosquitto_sub, live": lambda: null.live(count),
            "two workers, live": lambda: two.live(count),
            "one worker, backlog": lambda: one.backlog(count),
            "mosquitto_sub, backlog": lambda: null.backlog(count),
            **flows.steps(count),
        },
    )
    rates = {name: [run.message_rate() for run in each] for name, each in runs.items()}
    live, queued = (("mosquitto_sub", rates[f"mosquitto_sub, {how}"]) for how in ("live", "backlog"))
    target = ratio_at_least(1.0)
    return [
        Figure("single-reading messages/s, live, 1 worker", rates["one worker, live"], target=target,
               against=[live, *reference.against(runs, Run.message_rate)]),
        Figure("single-reading messages/s, live, 2 workers", rates["two workers, live"], target=target, against=[live],
               remark=_divided(runs["two workers, live"])),
        Figure("single-reading messages/s, from a backlog, 1 worker", rates["one worker, backlog"], target=target,
               against=[queued]),
        *_processor("single, live", runs["one worker, live"], runs["mosquitto_sub, live"]),
        *_processor("single, backlog", runs["one worker, backlog"], runs["mosquitto_sub, backlog"]),
        _publisher("single, live", runs["mosquitto_sub, live"]),
        *reference.figures(runs, flows.troubles, "single, live", "messages/s", Run.message_rate),
    ]  # fmt: skip


def batched(bench: Bench) -> list[Figure]:
    """Twenty readings a message."""
    pack, count = bench.pack(), bench.size.batches
    one = Stand(bench.system("batched-1", pack), pack)
    two = Stand(bench.system("batched-2", pack), pack, workers=2)
    null = Null(bench.folder / "batched-null", bench.binaries, pack)
    flows = bench.reference(pack)
    steps = flows.steps(count, per_message=20)
    copied: list[float] = []

    def copy() -> None:
        with one.system.running():
            copied.append(copying.rate(one.system, one.first_seqs[-1]))

    runs: dict[str, list[Run]] = {}
    for _ in range(bench.size.repeats):
        for name, more in _rounds(
            bench,
            {
                "one worker, live": lambda: one.live(count, per_message=20),
                "mosquitto_sub, live": lambda: null.live(count, per_message=20),
                "two workers, live": lambda: two.live(count, per_message=20),
                **steps,
            },
            repeats=1,
        ).items():
            runs.setdefault(name, []).extend(more)
        with bench.step("bare COPY of the same rows"):
            copy()
    rates = {name: [run.reading_rate() for run in each] for name, each in runs.items()}
    against = [("bare COPY", copied), ("mosquitto_sub", rates["mosquitto_sub, live"])]
    return [
        Figure("readings/s, 20 a message, live, 1 worker", rates["one worker, live"], target=at_least(100_000),
               against=[*against, *reference.against(runs, Run.reading_rate)]),
        Figure("readings/s, 20 a message, live, 2 workers", rates["two workers, live"], target=at_least(100_000),
               against=against, remark=_divided(runs["two workers, live"])),
        *_processor("20 a message, live", runs["one worker, live"], runs["mosquitto_sub, live"]),
        *reference.figures(runs, flows.troubles, "20 a message, live", "readings/s", Run.reading_rate),
    ]  # fmt: skip


def formats(bench: Bench) -> list[Figure]:
    """Large messages, in each of the three formats."""
    pack, count = bench.pack(), max(40, bench.size.batches // 100)
    stand = Stand(bench.system("formats", pack), pack)
    names = ("json", "msgpack", "cbor")
    runs = _rounds(
        bench,
        {name: (lambda name=name: stand.live(count, per_message=500, format=name, window=50)) for name in names},
    )
    rates = {name: [run.reading_rate() for run in each] for name, each in runs.items()}
    return [
        Figure(f"readings/s, 500 a message, {name}, live, 1 worker", rates[name],
               against=[] if name == "json" else [("json", rates["json"])])
        for name in names
    ]  # fmt: skip


def memory(bench: Bench) -> list[Figure]:
    """What ingest and control hold with many devices registered."""
    many = bench.size.devices
    pack = bench.pack(many)
    with bench.step(f"import of {many:,} devices"):
        system = bench.system("memory", pack)
    found: dict[str, dict[str, float]] = {}
    with system.running():
        worker, control = system.worker(), system.control()
        until(
            lambda: worker.says("registry_taken") or worker.count("firegrid_ingest_messages_total") >= 0, "registry", 60
        )
        found["ingest, idle"], found["control, idle"] = usage.memory_mb(worker.pid), usage.memory_mb(control.pid)
        for per_message, count in ((1, bench.size.messages), (20, bench.size.batches)):
            before = worker.stored()
            load = Load(system.broker.url(), pack, count=count, per_message=per_message,
                        first_seq=1_000_000_000 + per_message * 20_000_000)  # fmt: skip
            load.go()
            readings = load.result()["readings"]
            until(lambda before=before, wanted=readings: worker.stored() >= before + wanted, "all stored", 300)
        found["ingest, after load"], found["control, after load"] = (
            usage.memory_mb(worker.pid),
            usage.memory_mb(control.pid),
        )
    limit = at_most(200, "≤ 200 MB")
    rows = []
    for name, each in found.items():
        remark = f"private with its share of common pages {each['pss']:.0f} MB, at most {each['peak']:.0f} MB so far"
        rows.append(
            Figure(
                f"memory of {name}, {many:,} devices",
                [each["rss"]],
                MB,
                remark=remark,
                target=limit if name.startswith("ingest") else None,
            )
        )
    return rows


def alarm(bench: Bench) -> list[Figure]:
    """Event to screen: idle, beside load, behind a backlog."""
    pack = bench.pack()
    flows = bench.reference(pack)
    theirs = flows.alarms(bench.size.samples)
    system = bench.system("alarm", pack)
    with system.running():
        system.worker()
        system.control()
        found = {rate: one.found for rate, one in theirs.items()}
        figures = asyncio.run(latency.measured(system, pack, bench.size.samples, bench.size.backlog, bench.step, found))
    return [*figures, *reference.alarm_figures(theirs, flows.troubles)]


def history(bench: Bench) -> list[Figure]:
    """A device's day, month and year over HTTP, beside many readings."""
    system = bench.system("history", bench.pack())
    with system.running():
        return past_readings.run(system, bench.size.readings, bench.size.samples, bench.say)


def _rounds(
    bench: Bench, steps: dict[str, Callable[[], Run | None]], repeats: int | None = None
) -> dict[str, list[Run]]:
    """The steps in turn, again and again, so that a busy moment of the machine meets all of them alike."""
    runs: dict[str, list[Run]] = {name: [] for name in steps}
    for _ in range(repeats or bench.size.repeats):
        for name, step in steps.items():
            run = step()
            if run is None:
                continue
            runs[name].append(run)
            bench.say(f"{name}: {run.message_rate():,.0f} messages/s, {run.reading_rate():,.0f} readings/s")
    return runs


def _processor(words: str, ours: list[Run], null: list[Run]) -> list[Figure]:
    """Microseconds of processor a message, of each process there was."""
    reference = [("mosquitto_sub", [run.cpu_us("mosquitto_sub") for run in null])]
    made = [
        Figure(
            f"processor a message, ingest, {words}",
            [run.cpu_us("ingest") for run in ours],
            "µs",
            1,
            at_most(20, "17–20 µs (single)") if words.startswith("single") else None,
            reference,
        )
    ]
    for process in ("database", "broker"):
        values = [run.cpu_us(process) for run in ours]
        theirs = [run.cpu_s.get(process) for run in null]
        against = [("with mosquitto_sub", [run.cpu_us(process) for run in null])] if all(theirs) else []
        made.append(Figure(f"processor a message, {process}, {words}", values, "µs", 1, None, against))
    return made


def _publisher(words: str, null: list[Run]) -> Figure:
    """What share of a processor the generator took, and how far the broker was from idle."""
    values = [100 * run.cpu_s["load"] / run.publish_s for run in null]
    brokers = [100 * run.cpu_s["broker"] / run.seconds for run in null]
    return Figure(f"share of one core, load generator, {words} with mosquitto_sub", values, "%", 0, None,
                  [("broker", brokers)], remark="the broker near 100 % is what is saturated")  # fmt: skip


def _divided(runs: list[Run]) -> str:
    """How the readings of the last run were divided among the workers."""
    shares = runs[-1].shares
    return "divided " + " : ".join(f"{100 * one / sum(shares):.0f} %" for one in shares)


PARTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "single": single,
    "batched": batched,
    "formats": formats,
    "memory": memory,
    "alarm": alarm,
    "history": history,
    "storm": centre.storm,
    "screens": centre.screens,
    "pages": centre.pages,
    "sitting": centre.sitting,
    "choice": choice.run,
    "failover": centre.failover,
    "year": centre.year,
    "whole-year": centre.whole_year,
}
