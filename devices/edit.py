"""Single changes of the registry by an administrator, decided by `devices.change` and stored whole or not at all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from psycopg import AsyncConnection

from devices import change, params, store
from devices.registry import Registry
from devices.statements import statement
from devices.store import Row

Decision: TypeAlias = Callable[[Registry], Registry | list[str]]
Record: TypeAlias = Callable[[AsyncConnection[Row], Registry, Registry], Awaitable[None]]
"""Called within the change's transaction with what was and what is."""


async def put(
    connection: AsyncConnection[Row], noun: str, code: str, body: Mapping[str, object], record: Record | None = None
) -> list[str] | None:
    """As `change.put`: `code` is as `body` says and the versions have grown, and None; or nothing changed, and why not.

    Raises KeyError when `noun` is none of change.NOUNS, psycopg.Error.
    """
    return await _apply(connection, lambda registry: change.put(registry, noun, code, body), record)


async def delete(
    connection: AsyncConnection[Row], noun: str, code: str, record: Record | None = None
) -> list[str] | None:
    """As `change.delete`: `code` is gone (a device: retired), and None; or nothing changed, and why not.

    Raises KeyError when there is no such thing, psycopg.Error.
    """
    return await _apply(connection, lambda registry: change.delete(registry, noun, code), record)


async def charge(
    connection: AsyncConnection[Row], person: str, duties: Sequence[Mapping[str, object]], record: Record | None = None
) -> list[str] | None:
    """As `change.charge`: the person has these duties and no other, and None; or nothing changed, and why not.

    Raises KeyError when there is no such person, psycopg.Error.
    """
    return await _apply(connection, lambda registry: change.charge(registry, person, duties), record)


async def _apply(connection: AsyncConnection[Row], decide: Decision, record: Record | None) -> list[str] | None:
    async with connection.transaction():
        await connection.execute(statement("hold_registry_version"))
        before = await store.load_within(connection)
        after = decide(before)
        if isinstance(after, list):
            return after
        await connection.execute(statement("grow_registry_version"))
        if before.gateways.keys() != after.gateways.keys():
            await connection.execute(statement("grow_access_version"))
        for noun, one in _ONE.items():
            await _store(connection, noun, one, before, after)
        if before.duties != after.duties:
            await connection.execute(statement("clear_duties"))
            async with connection.cursor() as cursor:
                rows = [params.of_duty(position, duty) for position, duty in enumerate(after.duties)]
                await cursor.executemany(statement("add_duty"), rows)
        if record is not None:
            await record(connection, before, after)
    return None


_ONE = {
    "grids": "grid",
    "stations": "station",
    "places": "place",
    "people": "person",
    "gateways": "gateway",
    "devices": "device",
    "closures": "closure",
    "rules": "rule",
}


async def _store(connection: AsyncConnection[Row], noun: str, one: str, before: Registry, after: Registry) -> None:
    old, new = getattr(before, noun), getattr(after, noun)
    for code in old.keys() - new.keys():
        await connection.execute(statement(f"delete_{one}"), {"code": code})
    for code, value in new.items():
        if old.get(code) != value:
            values = params.of_device(value, after.profiles) if noun == "devices" else params.of(value)
            await connection.execute(statement(f"put_{one}"), values)
