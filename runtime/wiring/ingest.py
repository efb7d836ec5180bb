"""One ingest worker."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ingest import history, pipeline
from ingest.clearing import Clearing, Room
from ingest.handled import Handled
from ingest.retention import Keep
from runtime import located
from runtime.registrar import Registrar
from runtime.settings import Settings


async def play(settings: Settings, clock: Callable[[], datetime]) -> None:
    """One ingest worker, on the first free slot of this host."""
    database_url, mqtt_url = located.both(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    registrar = Registrar(settings.data, database_url)
    await registrar.start()
    stop = asyncio.Event()
    worker = asyncio.create_task(
        pipeline.run(
            mqtt_url=mqtt_url,
            database_url=database_url,
            prefix=settings.mqtt_prefix,
            data=settings.data,
            clock=clock,
            registry=registrar.current,
            stop=stop,
            group=settings.ingest_shared,
            spool_bytes=settings.spool_bytes,
            lag_limit=timedelta(seconds=settings.lag_limit_s),
            metrics_port=settings.metrics_port,
        )
    )
    keeping = asyncio.create_task(registrar.run())
    clearing = Clearing(Room(timedelta(days=settings.quarantine_days), settings.quarantine_bytes))
    # every worker offers itself; the database lets one at a time
    tidying = clearing.step, Handled().step
    remembering = asyncio.create_task(history.run(database_url, clock, _keep(settings), tidying))
    try:
        await asyncio.wait((worker, keeping, remembering), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        keeping.cancel()
        remembering.cancel()
        async with asyncio.timeout(10):
            await worker
            await asyncio.wait((remembering,))
    if keeping.done() and not keeping.cancelled():
        keeping.result()


def _keep(settings: Settings) -> Keep:
    return Keep(
        raw=timedelta(days=settings.keep_raw_days),
        minutes=timedelta(days=settings.keep_1m_days),
        hours=timedelta(days=settings.keep_1h_days),
        days=timedelta(days=settings.keep_1d_days),
    )
