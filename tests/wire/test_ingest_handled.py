"""The table through which signals reach the desk does not grow for ever, nor lose one that nobody has decided."""

from datetime import UTC, datetime, timedelta

import psycopg

from ingest.handled import AT_A_TIME, EVERY, KEPT, Handled

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG_AGO = NOON - KEPT - timedelta(days=3)


def put(url: str, count: int, name: str, handled_at: datetime | None) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO signals SELECT %s || n, %s, 'x', %s FROM generate_series(1, %s) AS n",
            (name, LONG_AGO, handled_at, count),
        )


def left(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT left(id, 1), count(*) FROM signals GROUP BY 1 ORDER BY 1").fetchall()


async def clear(url: str, handled: Handled, now: datetime) -> int:
    steps = 1
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while await handled.step(connection, now):
            steps += 1
    return steps


async def test_decided_long_ago_is_gone_undecided_and_decided_lately_stay(database):
    put(database, AT_A_TIME + 2_000, "a", NOON - KEPT - timedelta(seconds=1))
    put(database, 3, "b", NOON - KEPT + timedelta(seconds=1))
    put(database, 4, "c", None)
    assert await clear(database, Handled(), NOON) == 2
    assert left(database) == [("b", 3), ("c", 4)]


async def test_it_looks_now_and_then_and_a_clock_set_back_does_not_stop_it(database):
    handled = Handled()
    await clear(database, handled, NOON)
    put(database, 1, "a", LONG_AGO)
    await clear(database, handled, NOON + EVERY / 2)
    assert left(database) == [("a", 1)]
    await clear(database, handled, NOON + EVERY)
    assert left(database) == []
    put(database, 1, "b", LONG_AGO)
    await clear(database, handled, NOON - timedelta(hours=5))
    assert left(database) == []
