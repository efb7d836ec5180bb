"""Single changes of the registry by an administrator, decided by `devices.change` and stored whole or not at all."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from psycopg import AsyncConnection

from devices import change, params, store
from devices.registry import Registry
from devices.statements import statement
from devices.store import Row

Decision: TypeAlias = Callable[[Registry], Registry | list[str]]


async def put(connection: AsyncConnection[Row], noun: str, code: str, body: Mapping[str, object]) -> list[str] | None:
    """As `change.put`: `code` is as `body` says and the versions have grown, and None; or nothing changed, and why not.

    Raises KeyError when `noun` is none of change.NOUNS, psycopg.Error.
    """
    return await _apply(connection, lambda registry: change.put(registry, noun, code, body))


async def delete(connection: AsyncConnection[Row], noun: str, code: str) -> list[str] | None:
    """As `change.delete`: `code` is gone (a device: retired), and None; or nothing changed, and why not.

    Raises KeyError when there is no such thing, psycopg.Error.
    """
    return await _apply(connection, lambda registry: change.delete(registry, noun, code))


async def _apply(connection: AsyncConnection[Row], decide: Decision) -> list[str] | None:
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
