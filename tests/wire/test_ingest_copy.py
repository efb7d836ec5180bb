"""What is decoded, in whatever encoding, is what the database holds afterwards, bit for bit, and NULL where absent."""

import math
import random
import struct

import canon
import cbor2
import msgspec
import psycopg

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import decode, image
from ingest.batch import Batch
from ingest.payload import Message
from ingest.writer import Writer

WRITERS = (
    (None, msgspec.json.encode),
    ("application/msgpack", msgspec.msgpack.encode),
    ("application/cbor", cbor2.dumps),
)
DAY_MS = 86_400_000


def reading(dice: random.Random, seq: int) -> dict[str, object]:
    """Values of every size a float has, some absent; times up to 29 days back, some absent."""
    smoke = dice.random() < 0.6
    item: dict[str, object] = {"device": dice.choice(("SMK-1", "SMK-2")) if smoke else "ELE-1", "seq": seq - 2**62}
    if dice.random() < 0.9:
        item["ts"] = canon.NOW_MS - dice.randrange(29 * DAY_MS)
    names = (
        ("temperature_c", "chamber_pct", "battery_v", "rssi_dbm") if smoke else ("power_w", "rssi_dbm", "residual_ma")
    )
    for name in dice.sample(names, dice.randint(1, len(names))):
        item[name] = dice.random() * 20 if name != "rssi_dbm" else dice.uniform(-1, 1) * 10.0 ** dice.randint(-300, 300)
    if not smoke and dice.random() < 0.7:
        item["voltage_v"] = [dice.uniform(0, 500) for _ in range(dice.randint(1, 3))]
        item["cable_temperature_c"] = dice.choice((30, [31.5, 32.25], [1, 2, 3, 4]))
    return item


async def test_decoded_readings_are_in_the_database_bit_for_bit(database):
    dice, messages = random.Random(5), []
    for number in range(120):
        content_type, write = WRITERS[number % 3]
        items = [reading(dice, number * 40 + index) for index in range(dice.randint(1, 40))]
        messages.append(Message("GW-1", "t", write({"readings": items}), canon.NOW_US, content_type))
    found = decode.readings(messages, canon.CATALOG, canon.NOW_US)
    assert found.rejections == []
    batch = Batch({kind: sheet.columns for kind, sheet in found.sheets.items()})
    writer = Writer(database)
    stored = await writer.store(batch, 60)
    assert stored.readings == {kind: len(each) for kind, each in batch.readings.items()}
    again = await writer.store(batch, 60)
    assert (set(again.readings.values()), again.repeats) == ({0}, stored.readings)
    await writer.close()
    with psycopg.connect(database) as connection:
        for kind in Kind:
            columns = batch.readings[kind]
            names = ", ".join(CANONICAL[kind])
            rows = connection.execute(
                "SELECT (extract(epoch FROM ts) * 1000000)::bigint, device, seq,"
                f" (extract(epoch FROM received_at) * 1000000)::bigint, {names} FROM readings_{kind} ORDER BY seq"
            ).fetchall()
            keys = zip(columns.ts_us, columns.device, columns.seq, columns.received_us, strict=True)
            wanted = sorted(
                ((*map(int, key), *map(bits, values)) for key, values in zip(keys, columns.values, strict=True)),
                key=lambda row: row[2],
            )
            assert [(*row[:4], *map(bits, row[4:])) for row in rows] == wanted
            assert len(rows) > 500
            assert image.MISDATED_US > 29 * DAY_MS * 1000


def bits(number: float | None) -> bytes | None:
    return None if number is None or math.isnan(number) else struct.pack("!d", number)
