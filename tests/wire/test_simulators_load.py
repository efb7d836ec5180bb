"""The load generator against a real broker: what it counts is what the broker took and hands on."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cbor2
import msgspec
import pytest
import townlet

from ingest.delivery import Delivery
from ingest.link import Link, Subscription
from simulators.load import corpus
from simulators.load.corpus import FIRST_SEQ, Format, Said
from simulators.load.publisher import LoadTrouble, Publisher

SAID = [Said(f"LOAD-{number % 7}", f"SMK-{number}", {"temperature_c": 21.5}) for number in range(100)]
READ = {Format.JSON: msgspec.json.decode, Format.MSGPACK: msgspec.msgpack.decode, Format.CBOR: cbor2.loads}


@contextlib.contextmanager
def publisher(url: str, level: int = 5, connections: int = 2, **options) -> Iterator[Publisher]:
    halves = [[one for one in SAID if int(one.gateway[-1]) % connections == each] for each in range(connections)]
    shapes = {name: options.pop(name) for name in ("form", "per_message") if name in options}
    corpora = [corpus.build(half, "fg/v1", level=level, **shapes) for half in halves]
    made = Publisher(url, corpora, level=level, **options)
    yield made
    made.close()


async def received(url: str, count: int, subscribed: asyncio.Event) -> list[Delivery]:
    link = Link(url, "taker", [Subscription("fg/v1/+/telemetry")], receive_max=count)
    running = asyncio.create_task(link.run())
    await link.subscribed.wait()
    subscribed.set()
    found: list[Delivery] = []
    while len(found) < count:
        found += await asyncio.wait_for(link.take(10_000), 30)
    link.acknowledge(found)
    await link.close()
    await running
    return found


@pytest.mark.parametrize("level", [4, 5])
@pytest.mark.parametrize("form", Format)
async def test_every_reading_arrives_once_with_the_number_it_was_counted_under(
    own_broker, level: int, form: Format
) -> None:
    count, subscribed = 2_000, asyncio.Event()
    taking = asyncio.create_task(received(own_broker.url(), count, subscribed))
    await subscribed.wait()
    with publisher(own_broker.url(), level, form=form, per_message=3, window=200) as made:
        tally = await asyncio.to_thread(made.run, count)
    assert (tally.sent, tally.acknowledged, tally.refused, tally.readings) == (count, count, 0, 3 * count)
    assert tally.seconds() > 0
    taken = await taking
    items = [item for one in taken for item in READ[form](one.payload)["readings"]]
    assert sorted(item["seq"] for item in items) == list(range(FIRST_SEQ, FIRST_SEQ + 3 * count))
    assert all(abs(item["ts"] - time.time() * 1000) < 120_000 for item in items)
    assert {one.content_type for one in taken} == {corpus.CONTENT_TYPES[form] if level == 5 else None}


def test_no_more_than_the_rate_is_sent_and_stopping_waits_for_what_is_out(own_broker) -> None:
    with publisher(own_broker.url()) as made:
        began = time.monotonic()
        asked = iter([False] * 60 + [True] * 10_000)
        tally = made.run(1_000_000, rate=2_000, stopped=lambda: next(asked))
    assert 0 < tally.sent <= 2_000 * (time.monotonic() - began) + 2
    assert tally.acknowledged == tally.sent


def test_a_wrong_password_is_said(own_broker) -> None:
    url = f"mqtt://_firegrid:wrong@127.0.0.1:{own_broker.port}"
    with pytest.raises(LoadTrouble, match="refused the connection, reason 135"), publisher(url):
        pass


def test_what_a_gateway_may_not_publish_is_counted_as_refused(own_broker) -> None:
    own_broker.let_in({"LOAD-1": "word"})
    with publisher(own_broker.gateway_url("LOAD-1"), connections=1, window=50) as made:
        tally = made.run(100)
    own = sum(1 for number in range(100) if SAID[number].gateway == "LOAD-1")
    assert (tally.acknowledged, tally.refused) == (own, 100 - own)


def test_a_broker_that_dies_is_said_with_what_it_had_acknowledged(own_broker) -> None:
    killed: list[int] = []

    def kill(tally) -> None:
        if tally.acknowledged > 2_000 and not killed:
            own_broker.child.kill()
            killed.append(tally.acknowledged)

    with publisher(own_broker.url()) as made, pytest.raises(LoadTrouble, match="connection") as raised:
        made.run(1_000_000, progress=kill)
    assert 2_000 < killed[0] <= raised.value.tally.acknowledged <= raised.value.tally.sent


def test_the_program_waits_publishes_and_prints_its_count_at_sigterm(own_broker, tmp_path: Path) -> None:
    townlet.write(tmp_path / "pack", at=datetime.now(UTC))
    command = [sys.executable, "-m", "simulators.load", str(tmp_path / "pack"), "--wait", "--rate", "300", "--progress"]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FIREGRID_MQTT_URL": own_broker.url()},
    )
    with child:
        assert child.stdout
        assert child.stdin
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("\n")
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["sent"] >= 0
        child.send_signal(signal.SIGTERM)
        last = json.loads(child.stdout.read().strip().splitlines()[-1])
    assert child.returncode == 0
    assert last["sent"] == last["acknowledged"] == last["readings"] > 0
