"""What TimescaleDB's community edition adds to history: compression, and continuous aggregates as rollups.

All that is particular to that edition is here. It was written from the documentation of TimescaleDB 2.19 and has not
been run: that edition is not to be had from Debian. So each step is tried by itself; one that fails is undone and said,
and history goes on as in the Apache edition. The rollups are asked the same way: same names, same columns.

What the documentation says of the rest: a unique index is kept on compressed chunks; what is inserted or copied into
one is compared with the device's rows there, which are decompressed for it (2.11 and later). `drop_chunks` is in both
editions, so that retention is no policy of the database but FireGrid's own, by FireGrid's clock (ingest/retention.py).
"""

import psycopg
import structlog

from devices.model import Kind
from devices.profile import CANONICAL
from ingest.rollup import BY_DATABASE, EARLIEST
from ingest.statements import statement

log = structlog.get_logger()

COMPRESS_AFTER = "7 days"
"""By then most of what comes late has come."""

REFRESHED = {"1m": ("10 minutes", "5 minutes"), "1h": ("2 hours", "1 hour"), "1d": ("2 days", "1 hour")}
"""Level -> how far behind the clock it is refreshed, and how often. What is newer is computed when it is asked."""

LATEST = "30 days"
"""What is older is not refreshed again: readings more than 30 days old at receipt are not in the hypertable. Must be
less than readings are kept, for what is refreshed from readings that are gone is gone too."""

_WIDTHS = {"1m": "1 minute", "1h": "1 hour", "1d": "1 day"}
_BELOW = {"1h": "1m", "1d": "1h"}


async def settle(connection: psycopg.AsyncConnection) -> None:
    """The database does what its edition can: in the Apache edition nothing. What is done is not done again.

    Raises `psycopg.OperationalError` when the connection is lost.
    """
    cursor = await connection.execute(statement("edition"))
    if await cursor.fetchone() == ("timescale",):
        await adopt(connection)


async def adopt(connection: psycopg.AsyncConnection) -> None:
    """Each step of the community edition is in force, or undone and said.

    Raises `psycopg.OperationalError` when the connection is lost.
    """
    for kind in Kind:
        await _try(connection, f"compression of readings_{kind}", compression(kind))
        if not await _begun(connection, kind):
            await _try(connection, f"continuous aggregates of {kind}", aggregates(kind))
            if await _begun(connection, kind):
                await _fill(connection, kind)


def compression(kind: Kind) -> list[str]:
    """Statements after which readings of this kind are compressed when they are old enough."""
    relation = f"readings_{kind}"
    return [
        f"""DO $$ BEGIN
            IF NOT (SELECT compression_enabled FROM timescaledb_information.hypertables
                    WHERE hypertable_schema = 'public' AND hypertable_name = '{relation}') THEN
                ALTER TABLE {relation} SET (
                    timescaledb.compress, timescaledb.compress_segmentby = 'device',
                    timescaledb.compress_orderby = 'ts, seq'
                );
            END IF;
        END $$""",
        f"""SELECT add_compression_policy('{relation}', compress_after => interval '{COMPRESS_AFTER}',
            if_not_exists => true)""",
    ]


def aggregates(kind: Kind) -> list[str]:
    """Statements after which the rollups, which must be empty tables before, are continuous aggregates."""
    made = [f"DROP TABLE {kind}_{level}" for level in _WIDTHS]
    for level in _WIDTHS:
        end, every = REFRESHED[level]
        made += [
            f"""CREATE MATERIALIZED VIEW {kind}_{level}
            WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
            {selection(kind, level)} WITH NO DATA""",
            f"""SELECT add_continuous_aggregate_policy('{kind}_{level}', start_offset => interval '{LATEST}',
                end_offset => interval '{end}', schedule_interval => interval '{every}')""",
        ]
    reach = BY_DATABASE.isoformat()
    return [
        *made,
        f"""UPDATE rollups SET minutes_before = '{reach}', days_before = '{reach}', late_before = '1970-01-01 00:00Z'
        WHERE kind = '{kind}'""",
        f"DELETE FROM rollups_late WHERE kind = '{kind}'",
    ]


def selection(kind: Kind, level: str) -> str:
    """What a rollup holds, as a query: minutes of readings, hours of minutes, days of hours."""
    below = _BELOW.get(level)
    time, source = ("ts", f"readings_{kind}") if below is None else ("bucket", f"{kind}_{below}")
    parts = [
        "device",
        f"time_bucket(interval '{_WIDTHS[level]}', {time}) AS bucket",
        f"{'count(*)' if below is None else 'sum(count)'}::integer AS count",
        "max(received_at) AS received_at",
    ]
    for column in CANONICAL[kind]:
        parts += _of_readings(column) if below is None else _of_buckets(column)
    return f"SELECT {', '.join(parts)} FROM {source} GROUP BY 1, 2"


def _of_readings(column: str) -> list[str]:
    return [
        f"count({column})::integer AS {column}_count",
        f"min({column}) AS {column}_min",
        f"max({column}) AS {column}_max",
        f"avg({column}) AS {column}_mean",
        f"last({column}, ts) FILTER (WHERE {column} IS NOT NULL) AS {column}_last",
    ]


def _of_buckets(column: str) -> list[str]:
    return [
        f"sum({column}_count)::integer AS {column}_count",
        f"min({column}_min) AS {column}_min",
        f"max({column}_max) AS {column}_max",
        f"sum({column}_mean * {column}_count) / nullif(sum({column}_count), 0) AS {column}_mean",
        f"last({column}_last, bucket) FILTER (WHERE {column}_last IS NOT NULL) AS {column}_last",
    ]


async def _begun(connection: psycopg.AsyncConnection, kind: Kind) -> bool:
    """Tables in use stay tables: what they were made of may be gone, and could not be made again."""
    cursor = await connection.execute(statement("rolled_before"), {"kind": kind})
    row = await cursor.fetchone()
    return row is not None and row[0] >= EARLIEST


async def _try(connection: psycopg.AsyncConnection, what: str, statements: list[str]) -> None:
    """All of the statements are in force, or none and the log says why."""
    try:
        async with connection.transaction():
            for each in statements:
                await connection.execute(each.encode())
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        hint = "history goes on without it, as in the Apache edition; report it with the version of TimescaleDB"
        log.warning("edition_step_failed", step=what, error=str(error).strip(), hint=hint)
    else:
        log.info("edition_step_done", step=what)


async def _fill(connection: psycopg.AsyncConnection, kind: Kind) -> None:
    """What was there before the aggregates is in them; the policies look back `LATEST` only. In no transaction."""
    for level in _WIDTHS:
        call = f"CALL refresh_continuous_aggregate('{kind}_{level}', NULL, NULL)"
        try:
            await connection.execute(call.encode())
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            log.warning("edition_step_failed", step=call, error=str(error).strip(), hint="run it by hand with psql")
