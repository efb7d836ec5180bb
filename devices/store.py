"""The registry as every role reads it: whole from the database, or from a file when the database is away."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeAlias, get_type_hints

import msgspec
import structlog
from psycopg import AsyncConnection, Connection, IsolationLevel

from devices import catalogue
from devices.features import canonical
from devices.model import (
    Closure,
    ClosureKind,
    Device,
    Duty,
    DutyKind,
    Equipment,
    Gateway,
    Grid,
    Lane,
    Mode,
    MultiPolygon,
    Person,
    Place,
    Shift,
    Station,
    StationKind,
    Water,
)
from devices.registry import Registry
from devices.rule import Override
from devices.statements import statement

Row: TypeAlias = tuple[Any, ...]

log = structlog.get_logger()

_NOUNS = (
    "grids",
    "places",
    "stations",
    "people",
    "duties",
    "shifts",
    "gateways",
    "water",
    "lanes",
    "equipment",
    "closures",
    "rules",
)
_FORMAT = 1


async def version(connection: AsyncConnection[Row]) -> int:
    """The registry's version: it grows with each change."""
    async with connection.transaction():
        cursor = await connection.execute(statement("read_version"))
        return _single(await cursor.fetchone())


async def load(connection: AsyncConnection[Row]) -> Registry:
    """The registry at one moment, with the shipped profiles. Retired devices are not in it.

    Raises psycopg.ProgrammingError when `connection` is within a transaction of the caller's.
    """
    earlier = connection.isolation_level
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)  # one moment for several statements
    try:
        async with connection.transaction():
            return await load_within(connection)
    finally:
        await connection.set_isolation_level(earlier)


async def load_within(connection: AsyncConnection[Row]) -> Registry:
    """The same within the caller's transaction, which sees to it that nobody changes the registry meanwhile."""
    number = _single(await (await connection.execute(statement("read_version"))).fetchone())
    rows = {noun: await (await connection.execute(statement(f"read_{noun}"))).fetchall() for noun in _NOUNS}
    # of these there may be a hundred thousand: no row stays beside its device
    devices = [Device(*row) async for row in await connection.execute(statement("read_devices"))]
    return assemble(number, rows, devices)


def read(connection: Connection[Row]) -> Registry:
    """The same for the command line, within the caller's transaction (see `load_within`) or a new one."""
    with connection.transaction():
        number = _single(connection.execute(statement("read_version")).fetchone())
        rows = {noun: connection.execute(statement(f"read_{noun}")).fetchall() for noun in _NOUNS}
        devices = [Device(*row) for row in connection.execute(statement("read_devices"))]
    return assemble(number, rows, devices)


def assemble(number: int, rows: Mapping[str, Sequence[Row]], devices: Iterable[Device]) -> Registry:
    """A registry from the rows of the `read_*` statements, each a tuple in its statement's order of columns."""
    return Registry(
        version=number,
        grids={row[0]: replace(Grid(*row), polygon=_polygon(row[4])) for row in rows["grids"]},
        places={row[0]: Place(*row) for row in rows["places"]},
        stations={
            row[0]: replace(Station(*row), kind=StationKind(row[2]), mode=Mode(row[9])) for row in rows["stations"]
        },
        people={row[0]: Person(*row) for row in rows["people"]},
        duties=tuple(Duty(person, DutyKind(duty), scope) for person, duty, scope in rows["duties"]),
        shifts=tuple(Shift(*row) for row in rows["shifts"]),
        gateways={row[0]: Gateway(*row) for row in rows["gateways"]},
        devices={device.code: device for device in devices},
        water={row[0]: Water(*row) for row in rows["water"]},
        lanes={row[0]: Lane(row[0], canonical(row[1]), canonical(row[2])) for row in rows["lanes"]},
        equipment=tuple(Equipment(*row) for row in rows["equipment"]),
        closures={row[0]: replace(Closure(*row), kind=ClosureKind(row[1])) for row in rows["closures"]},
        rules={row[0]: Override(*row) for row in rows["rules"]},
        profiles=catalogue.load(),
    )


def save_snapshot(path: Path, registry: Registry) -> None:
    """`path` holds the registry, on disk and whole: a crash leaves the old file or the new one.

    Profiles are not in it: they belong to the software, not to the district. Several processes may save to one `path`.
    """
    values = {name: getattr(registry, name) for name in _Snapshot.__struct_fields__ if name != "format"}
    data = msgspec.msgpack.encode(_Snapshot(format=_FORMAT, **values))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_snapshot(path: Path) -> Registry | None:
    """The registry saved at `path`, with the shipped profiles; None when there is none that this release can read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        saved = msgspec.msgpack.decode(data, type=_Snapshot)
    except msgspec.MsgspecError:
        log.exception("registry_snapshot_unreadable", path=str(path))
        return None
    if saved.format != _FORMAT:
        log.error("registry_snapshot_of_another_release", path=str(path), format=saved.format)
        return None
    values = {name: getattr(saved, name) for name in _Snapshot.__struct_fields__ if name != "format"}
    return Registry(**values, profiles=catalogue.load())


def _polygon(nested: list[list[list[list[float]]]]) -> MultiPolygon:
    return tuple(tuple(tuple((float(lon), float(lat)) for lon, lat in ring) for ring in polygon) for polygon in nested)


def _single(row: Row | None) -> int:
    if row is None:
        raise LookupError("the database holds no registry_version: run firegrid migrate")
    return int(row[0])


def _snapshot_struct() -> Any:  # noqa: ANN401 -- a class made at run time has no static type
    hints = get_type_hints(Registry)
    # what the snapshot of an earlier release lacks is empty
    columns = [
        (f.name, hints[f.name], f.default_factory() if f.default_factory is not MISSING else f.default)
        for f in fields(Registry)
        if f.init and f.name != "profiles"
    ]
    return msgspec.defstruct("_Snapshot", [("format", int), *columns])


_Snapshot = _snapshot_struct()
