"""What is kept of refused items, in a real database: never more than its limits, and counted to the last."""

from datetime import UTC, datetime, timedelta

import psycopg

from ingest import quarantine
from ingest.batch import Batch
from ingest.clearing import EVERY, Clearing, Room
from ingest.rejection import Reason, Rejection
from ingest.value import since_1970
from ingest.writer import Writer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def refused(
    count: int,
    at: datetime = NOON,
    gateway: str = "GW-1",
    reason: Reason = Reason.WRONG_TYPE,
    item: bytes = b"x" * 4096,
) -> list[Rejection]:
    us = since_1970(at)
    return [Rejection(reason, "d", gateway, "fg/v1/t", None, item, us + number) for number in range(count)]


async def keep(url: str, *batches: list[Rejection]) -> None:
    writer = Writer(url)
    for each in batches:
        await writer.store(Batch(rejections=each), 60)
    await writer.close()


async def clear(url: str, clearing: Clearing, now: datetime) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while await clearing.step(connection, now):
            pass


def ask(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def bytes_told_and_true(url: str) -> tuple[int, int]:
    return ask(
        url,
        "SELECT (SELECT sum(bytes)::bigint FROM quarantine_counts), (SELECT coalesce(sum(octet_length(payload)"
        f" + octet_length(topic) + octet_length(detail) + {quarantine.ROW_BYTES}), 0)::bigint FROM quarantine)",
    )[0]


async def test_the_first_of_a_reason_are_kept_whole_the_next_cut_short_the_rest_counted_and_all_weighed(database):
    await keep(database, refused(200), refused(9_900), refused(5))
    assert ask(database, "SELECT count FROM quarantine_counts") == [(10_105,)]
    lengths = "SELECT octet_length(payload), count(*) FROM quarantine GROUP BY 1 ORDER BY 1 DESC"
    assert ask(database, lengths) == [(4096, quarantine.FULL), (quarantine.SHORT_BYTES, 10_000 - quarantine.FULL)]
    told, true = bytes_told_and_true(database)
    assert told == true


async def test_what_is_older_than_its_time_goes_with_its_counts_and_nothing_else(database):
    old, young = NOON - 31 * DAY, NOON - 29 * DAY
    await keep(database, refused(7_000, old, item=b"x"), refused(3, young))
    clearing = Clearing(Room(age=30 * DAY))
    await clear(database, clearing, NOON)
    assert ask(database, "SELECT min(received_at), count(*) FROM quarantine") == [(young, 3)]
    assert ask(database, "SELECT day, count FROM quarantine_counts") == [(young.date(), 3)]
    told, true = bytes_told_and_true(database)
    assert told == true > 0


async def test_over_the_limit_of_bytes_the_oldest_go_and_their_counts_stay(database):
    each = quarantine.size(refused(1)[0])
    await keep(database, refused(100, NOON - DAY), refused(100, NOON, "GW-2"))
    clearing = Clearing(Room(bytes=each * 120))
    await clear(database, clearing, NOON)
    assert ask(database, "SELECT gateway, count(*) FROM quarantine GROUP BY 1 ORDER BY 1") == [
        ("GW-1", 20),
        ("GW-2", 100),
    ]
    assert ask(database, "SELECT gateway, count FROM quarantine_counts ORDER BY 1") == [("GW-1", 100), ("GW-2", 100)]
    assert bytes_told_and_true(database) == (each * 120, each * 120)
    await keep(database, refused(50, NOON, "GW-3"))
    await clear(database, clearing, NOON + EVERY - timedelta(seconds=1))
    assert ask(database, "SELECT count(*) FROM quarantine") == [(170,)], "it looks again after a while only"
    await clear(database, clearing, NOON + EVERY)
    assert ask(database, "SELECT gateway, count(*) FROM quarantine GROUP BY 1 ORDER BY 1") == [
        ("GW-2", 70),
        ("GW-3", 50),
    ]


async def test_what_is_within_the_limits_stays(database):
    await keep(database, refused(50))
    await clear(database, Clearing(Room()), NOON)
    assert ask(database, "SELECT count(*) FROM quarantine") == [(50,)]


async def test_names_made_up_by_the_thousand_have_no_counts_of_their_own(database):
    strange = [one for number in range(1_000) for one in refused(2, NOON, f"GW-{number}", Reason.UNKNOWN_GATEWAY, b"x")]
    await keep(database, strange[:400], strange[400:], strange[:10])
    counts = dict(ask(database, "SELECT gateway, count FROM quarantine_counts"))
    assert len(counts) == quarantine.STRANGERS + 1
    assert (counts["GW-0"], counts["GW-99"]) == (4, 2)
    assert sum(counts.values()) == 2_010
    assert counts[quarantine.NOBODY] == 1_800
