"""`python -m simulators.load PACK`: the devices of a district pack publish as fast as the broker takes it or at a rate.

The broker is FIREGRID_MQTT_URL, as a user who may publish for every gateway. It says `ready` once it is connected, with
`--wait` begins when a line comes in, ends at its count or at SIGTERM, and prints what the broker acknowledged as JSON.
"""

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from devices import catalogue, pack
from devices.registry import Registry
from simulators.load import corpus, fleet
from simulators.load.corpus import FIRST_SEQ, Format
from simulators.load.publisher import LoadTrouble, Publisher, Tally

PROGRESS_S = 1.0


def main() -> int:
    """Exit status 0, or 1 with one line on standard error when the broker did not take it all."""
    given = _parser().parse_args()
    registry = _registry(given.pack)
    level = 5 if given.mqtt == "5" else 4
    everything = fleet.said(registry, given.seed, datetime.now(UTC), vendors=given.vendors)
    corpora = [
        corpus.build(
            share,
            given.prefix,
            per_message=given.per_message,
            form=given.format,
            level=level,
            alone=given.per_message == 1,
        )
        for share in fleet.shares(everything, given.connections)
    ]
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    try:
        return _publish(given, corpora, level, asked)
    except (LoadTrouble, OSError) as trouble:
        sys.stderr.write(f"{trouble}\n")
        if isinstance(trouble, LoadTrouble):
            _print(trouble.tally, 0.0)
        return 1


def _publish(given: argparse.Namespace, corpora: list[corpus.Corpus], level: int, asked: list[int]) -> int:
    publisher = Publisher(given.url, corpora, window=given.window, level=level, first_seq=given.first_seq)
    _say("ready")
    if given.wait:
        sys.stdin.readline()
    spent_s = time.process_time()
    each = _Teller(spent_s) if given.progress else lambda _tally: None
    tally = publisher.run(given.count, given.rate, lambda: bool(asked), each)
    publisher.close()
    _print(tally, spent_s)
    return 0 if not tally.refused else 1


def _registry(folder: Path) -> Registry:
    found = pack.read(folder, "wgs84", catalogue.load())
    if isinstance(found, list):
        raise SystemExit(f"{folder} is no pack: {found[0]}")
    return found.registry


class _Teller:
    """A line of JSON a second."""

    def __init__(self, spent_s: float) -> None:
        self._told_s = 0.0
        self._spent_s = spent_s

    def __call__(self, tally: Tally) -> None:
        if time.monotonic() - self._told_s >= PROGRESS_S:
            self._told_s = time.monotonic()
            _print(tally, self._spent_s)


def _print(tally: Tally, spent_s: float) -> None:
    """`spent_s`: processor seconds before the first message, which are not publishing's."""
    _say(json.dumps({**asdict(tally), "seconds": tally.seconds(), "cpu_s": time.process_time() - spent_s}))


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.load", description=__doc__)
    parser.add_argument("pack", type=Path, help="folder of the district pack whose devices speak")
    parser.add_argument("--url", default=os.environ.get("FIREGRID_MQTT_URL", "mqtt://127.0.0.1:1883"))
    parser.add_argument("--prefix", default="fg/v1")
    parser.add_argument("--count", type=int, default=sys.maxsize, help="messages (default: until SIGTERM)")
    parser.add_argument("--rate", type=float, help="messages a second (default: as fast as the broker takes them)")
    parser.add_argument("--per-message", type=int, default=1, help="readings in a message")
    parser.add_argument("--format", type=Format, default=Format.JSON, choices=tuple(Format))
    parser.add_argument("--vendors", action="store_true", help="devices with their makers' own words too")
    parser.add_argument("--mqtt", choices=("3.1.1", "5"), default="5")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--window", type=int, default=1000, help="messages unacknowledged at a time on a connection")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first-seq", type=int, default=FIRST_SEQ, help="number of the first reading")
    parser.add_argument("--wait", action="store_true", help="begin when a line comes in")
    parser.add_argument("--progress", action="store_true", help="print the count each second")
    return parser


if __name__ == "__main__":
    sys.exit(main())
