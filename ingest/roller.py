"""The rollups of one device kind brought forward, a bounded step at a time, each in a transaction of its own."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

import psycopg
import structlog
from psycopg.rows import dict_row

from devices.model import Kind
from ingest import metrics, rollup
from ingest.rollup import DAY, HOUR, Again, Announce, Begin, Days, Minutes, State, Task
from ingest.statements import statement

log = structlog.get_logger()


class Roller:
    """Works on `connection` (autocommit), beside which nobody else rolls up."""

    def __init__(self, connection: psycopg.AsyncConnection, kind: Kind) -> None:
        self._connection = connection
        self._kind = kind
        self._many = 1000
        self._announced: datetime | None = None
        self._writing: set[str] = set()

    async def step(self, now: datetime) -> bool:
        """The next step is done; false when there is nothing to do for now.

        Raises `psycopg.Error`; what was begun is then undone, and the next step takes it up again.
        """
        state = await self._state()
        metrics.rolled_until.labels(self._kind).set(state.minutes_before.timestamp())
        task = rollup.following(state, now, settled=await self._settled(state))
        if task is None:
            return False
        started = time.monotonic()
        try:
            async with self._connection.transaction():
                await self._do(task, state)
        except psycopg.DataError:
            self._many = 1  # one of many devices: found one by one
        else:
            self._many = rollup.sized(self._many, time.monotonic() - started)
        return True

    async def _state(self) -> State:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement("rollups"), {"kind": self._kind})
            row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"the table rollups has no row for {self._kind}")
        return State(**row)

    async def _settled(self, state: State) -> bool:
        """Whether every transaction has ended that was writing when `late_before` was found to be what it is."""
        if self._announced == state.late_before and not self._writing:
            return True
        cursor = await self._connection.execute(statement("writers"), {"relation": f"readings_{self._kind}"})
        writing = {row[0] for row in await cursor.fetchall()}
        self._writing = writing if self._announced != state.late_before else self._writing & writing
        self._announced = state.late_before
        return not self._writing

    async def _do(self, task: Task, state: State) -> None:
        match task:
            case Announce(until):
                await self._set("rollups_announce", until=until)
            case Begin():
                start = rollup.floor(state.late_before, DAY)
                first = await self._first_chunk(rollup.EARLIEST)
                await self._set("rollups_begin", start=start if first is None else min(start, rollup.floor(first, DAY)))
            case Minutes(start, after):
                await self._minutes(start, after, state.late_before)
            case Days(start, after):
                devices = await self._devices(after)
                await self._roll(("1h", "1d"), devices, start, start + DAY)
                await self._advance("rollups_days", devices, start, start + DAY)
            case Again():
                await self._again(task)
            case _:
                assert_never(task)

    async def _minutes(self, start: datetime, after: int, until: datetime) -> None:
        """One slice of the hour's devices; or, where there are no readings at all, on to where there are."""
        if after == 0:
            first = await self._first_chunk(start)
            there = until if first is None else min(until, rollup.floor(first, HOUR))
            if there > start:
                await self._set("rollups_minutes", before=there, after=0)
                return
            if await self._whole_day(start, until):
                return
        devices = await self._devices(after)
        await self._roll(("1m",), devices, start, start + HOUR)
        await self._advance("rollups_minutes", devices, start, start + HOUR)

    async def _whole_day(self, start: datetime, until: datetime) -> bool:
        """The day at once, while catching up, if few devices sent readings; false when that is not for one step."""
        end = start + DAY
        if end > until or start != rollup.floor(start, DAY):
            return False
        most = max(1, self._many // 24)
        values = {"from": start, "to": end, "many": most}
        cursor = await self._connection.execute(statement(f"sending_{self._kind}"), values)
        devices = [row[0] for row in await cursor.fetchall()]
        if len(devices) == most:
            return False
        await self._roll(("1m",), devices, start, end)
        await self._set("rollups_minutes", before=end, after=0)
        return True

    async def _again(self, task: Again) -> None:
        values = {"kind": self._kind, "from": task.day, "to": task.day + DAY, "many": self._many}
        cursor = await self._connection.execute(statement("take_late"), values)
        marks = set(await cursor.fetchall())
        if task.gone:
            log.warning("late_readings_not_rolled_up", kind=self._kind, day=task.day, hours=len(marks))
            return
        for hour in sorted({hour for hour, _ in marks}):
            await self._roll(("1m",), sorted(device for at, device in marks if at == hour), hour, hour + HOUR)
        if task.made:
            await self._roll(("1h", "1d"), sorted({device for _, device in marks}), task.day, task.day + DAY)
        metrics.rolled_again.labels(self._kind).inc(len(marks))

    async def _roll(self, levels: Sequence[str], devices: Sequence[int], start: datetime, end: datetime) -> None:
        """These buckets of these devices are made anew. One device that the database cannot roll up is left out.

        Raises psycopg.DataError where it is one of several.
        """
        values = {"devices": list(devices), "from": start, "to": end}
        try:
            async with self._connection.transaction():
                for level in levels:
                    await self._connection.execute(statement(f"clear_{self._kind}_{level}"), values)
                    await self._connection.execute(statement(f"roll_{self._kind}_{level}"), values)
        except psycopg.DataError as error:
            if len(devices) > 1:
                raise
            log.error("rollup_refused", kind=self._kind, device=devices, start=start, error=str(error))  # noqa: TRY400 (the database's words are enough)

    async def _devices(self, after: int) -> list[int]:
        cursor = await self._connection.execute(statement("next_devices"), {"after": after, "many": self._many})
        return [row[0] for row in await cursor.fetchall()]

    async def _advance(self, name: str, devices: Sequence[int], start: datetime, end: datetime) -> None:
        if len(devices) < self._many:
            await self._set(name, before=end, after=0)
        else:
            await self._set(name, before=start, after=devices[-1])

    async def _first_chunk(self, after: datetime) -> datetime | None:
        """The start of the first chunk that ends later; None when there is none."""
        cursor = await self._connection.execute(
            statement("next_chunk"), {"relation": f"readings_{self._kind}", "after": after}
        )
        row = await cursor.fetchone()
        return None if row is None else row[0]

    async def _set(self, name: str, **values: datetime | int) -> None:
        await self._connection.execute(statement(name), {"kind": self._kind, **values})
