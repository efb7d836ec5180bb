"""The registry a role holds: from the database, from its folder, and taken in anew only when it is another one."""

from dataclasses import replace
from pathlib import Path

import districts
import psycopg
import pytest

from devices import pack_store, store
from devices.pack import Pack
from devices.registry import Registry
from runtime.registrar import Registrar

NOBODY = "postgresql://firegrid@127.0.0.1:1/none"


class Follower:
    def __init__(self) -> None:
        self.taken: list[Registry] = []

    def __call__(self, registry: Registry, _network: bytes | None) -> None:
        self.taken.append(registry)


@pytest.fixture
def filled(database: str) -> str:
    """A database with the small district in it."""
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, Pack(districts.small(), None, ()))
    return database


async def test_what_the_folder_holds_and_the_database_confirms_is_taken_in_once(filled: str, tmp_path: Path) -> None:
    await Registrar(tmp_path, filled).start()
    follower = Follower()
    again = Registrar(tmp_path, filled, follower)
    await again.start()
    assert [each.version for each in follower.taken] == [again.registry.version]
    assert again.registry.devices.keys() == districts.small().devices.keys()


async def test_another_registry_of_the_same_version_is_taken_in_all_the_same(filled: str, tmp_path: Path) -> None:
    first = Registrar(tmp_path, filled)
    await first.start()
    other = replace(first.registry, places={})
    store.save_snapshot(tmp_path / "registry.snapshot", other)
    follower = Follower()
    again = Registrar(tmp_path, filled, follower)
    await again.start()
    assert [len(each.places) for each in follower.taken] == [0, len(first.registry.places)]


async def test_with_the_database_away_the_folder_is_enough(filled: str, tmp_path: Path) -> None:
    first = Registrar(tmp_path, filled)
    await first.start()
    away = Registrar(tmp_path, NOBODY)
    await away.start()
    assert away.registry == first.registry
