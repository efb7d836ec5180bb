"""What was noted and what follows from it, in the database: tables device_seen, gateway_seen, ingest_sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import numpy as np
import psycopg
from numpy.typing import NDArray

from devices import database, instant, signal
from devices.signal import Signal
from ingest.image import HEADER, PG_EPOCH_US, TRAILER
from ingest.listening import Listening
from ingest.offline import Changes, Gateway, Roll
from ingest.pulse import Heard
from ingest.seen import UNKNOWN, Notes
from ingest.statements import statement
from ingest.value import at, since_1970

LEADER = 0x66697265_68656C74
"""The advisory lock of whoever decides; any number that no other part uses."""

REMEMBERED = timedelta(days=30)
"""Periods of listening that ended longer ago are forgotten: no profile lets a device be silent for so long."""

_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("length0", ">i4"),
        ("device", ">i4"),
        ("length1", ">i4"),
        ("received_at", ">i8"),
        ("length2", ">i4"),
        ("offset", ">i8"),
    ]
)


class RollCall:
    """One connection to the database at `url`. Every method may raise psycopg.Error."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        self._connection = await database.connect(self._url, "firegrid-health")
        # what the last seconds noted may be lost in a crash of the server: it is noted again when devices speak again
        await self._connection.execute("SET synchronous_commit TO off")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def keep(self, notes: Notes, sessions: Mapping[str, Heard | None], now: datetime) -> None:
        """The notes are kept, and with them how far each session has heard."""
        async with self._open.transaction(), self._open.cursor() as cursor:
            if len(notes.device):
                await cursor.execute(statement("stage_seen"))
                async with cursor.copy(statement("copy_staged_seen")) as copy:
                    await copy.write(image(notes))
                await cursor.execute(statement("keep_seen"))
            if notes.gateways:
                await cursor.execute(
                    statement("keep_gateways_seen"),
                    {
                        "gateway": list(notes.gateways),
                        "received_at": [_moment(one.received_us) for one in notes.gateways.values()],
                        "gone_at": [_moment(one.gone_us) for one in notes.gateways.values()],
                    },
                )
            await cursor.execute(
                statement("keep_sessions"),
                {
                    "client": list(sessions),
                    "since": [one.since if one is not None else None for one in sessions.values()],
                    "until": [one.until if one is not None else None for one in sessions.values()],
                    "now": now,
                },
            )

    async def leads(self) -> bool:
        """True when this connection is the one that decides."""
        row = await (await self._open.execute(statement("lead_health"), {"key": LEADER})).fetchone()
        return row is not None and bool(row[0])

    async def sessions(self, since: datetime) -> dict[str, Heard | None]:
        """How far each session that reported after `since` has heard."""
        rows = await (await self._open.execute(statement("sessions"), {"since": since})).fetchall()
        return {client: Heard(begin, end) if begin is not None else None for client, begin, end in rows}

    async def listening(self, now: datetime) -> Listening:
        """The periods of the last thirty days; older ones are forgotten."""
        before = now - REMEMBERED
        await self._open.execute(statement("forget_listening"), {"before": before})
        rows = await (await self._open.execute(statement("listening"), {"after": before})).fetchall()
        return Listening([(since_1970(since), since_1970(until)) for since, until in rows])

    async def keep_listening(self, since_us: int, until_us: int) -> None:
        """The period that began at `since_us` goes on until `until_us` at least."""
        await self._open.execute(statement("keep_listening"), {"since": at(since_us), "until": at(until_us)})

    async def roll(self) -> tuple[Roll, NDArray[np.int64]]:
        """Everybody who was heard, and the offsets of their clocks in microseconds (0 where none is known)."""
        cursor = await self._open.execute(statement("roll"), binary=True)
        assert cursor.pgresult is not None  # noqa: S101 (a SELECT has a result)
        values = [cursor.pgresult.get_value(0, column) for column in range(4)]
        device, received, told, offset = (array(value, ">i4" if n == 0 else ">i8") for n, value in enumerate(values))
        return Roll(device.astype(np.int32), received + PG_EPOCH_US, told + PG_EPOCH_US), offset

    async def gateways(self) -> dict[str, Gateway]:
        """How every gateway stands that was heard or said to be gone."""
        rows = await (await self._open.execute(statement("gateways_seen"))).fetchall()
        return {code: Gateway(*(_us(one) for one in times)) for code, *times in rows}

    async def retired(self) -> list[tuple[int, str]]:
        """Database ids and codes of devices that are told offline and registered no more."""
        rows = await (await self._open.execute(statement("retired_told"))).fetchall()
        return [(device, code) for device, code in rows]

    async def tell(self, signals: Sequence[Signal], changes: Changes) -> None:
        """The signals are in their table for the desk, and the changes are known to be told."""
        async with self._open.transaction(), self._open.cursor() as cursor:
            await cursor.execute(
                statement("keep_signals"),
                {
                    "id": [each.id for each in signals],
                    "received_at": [each.received_at for each in signals],
                    "body": [signal.encode(each) for each in signals],
                    "undated": [False for _ in signals],
                },
            )
            await cursor.execute(
                statement("tell_devices"),
                {
                    "device": [one.device for one in changes.devices],
                    "since": [at(one.at_us) if one.offline else None for one in changes.devices],
                },
            )
            await cursor.execute(
                statement("tell_gateways"),
                {
                    "gateway": [one.code for one in changes.gateways],
                    "since": [at(one.at_us) if one.offline else None for one in changes.gateways],
                    "back": [None if one.offline else at(one.at_us) for one in changes.gateways],
                },
            )

    @property
    def _open(self) -> psycopg.AsyncConnection:
        assert self._connection is not None  # noqa: S101 (entered)
        return self._connection


def image(notes: Notes) -> bytes:
    """The devices of `notes` as a COPY image, in order; an unknown offset becomes NULL."""
    rows = np.empty(len(notes.device), _ROW)
    rows["fields"] = 3
    rows["length0"], rows["device"] = 4, notes.device
    rows["length1"], rows["received_at"] = 8, notes.received_us - PG_EPOCH_US
    known = notes.offset_us != UNKNOWN
    rows["length2"], rows["offset"] = np.where(known, 8, -1), notes.offset_us
    kept = np.ones((len(rows), _ROW.itemsize), np.bool_)
    kept[:, -8:] = known[:, None]
    return HEADER + rows.view(np.uint8).reshape(kept.shape)[kept].tobytes() + TRAILER


def array(data: bytes | None, form: str) -> NDArray[np.int64]:
    """The numbers of a one-dimensional array in PostgreSQL's binary format; none of them is NULL, nor is it nested."""
    if data is None:
        return np.zeros(0, np.int64)
    rows = np.frombuffer(data, np.dtype([("length", ">i4"), ("number", form)]), offset=20)
    return rows["number"].astype(np.int64)


def _moment(us: int) -> datetime | None:
    return at(us) if us else None


def _us(moment: datetime | None) -> int:
    return 0 if moment is None or moment == instant.EPOCH else since_1970(moment)
