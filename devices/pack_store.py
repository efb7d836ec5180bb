"""A district pack into the database, and out of it again."""

from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection, Cursor

from devices import pack, pack_files, params, store
from devices.pack import Pack
from devices.statements import statement
from devices.store import Row


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. `added`, `returned`, `retired`: devices new, back in service, out of service."""

    version: int
    added: int
    returned: int
    retired: int
    imported: Pack

    def lines(self) -> list[str]:
        """What to print: how much of everything there is now, what happened to devices, and the notes."""
        changed = f"devices: {self.added} new, {self.returned} back in service, {self.retired} retired"
        return [f"registry version {self.version}", changed, *self.imported.lines()]


def apply(connection: Connection[Row], taken: Pack) -> Summary:
    """The registry is the pack's, all of it or (when anything is raised) nothing. A device's id stays with its code.

    Devices that the pack lacks are retired, everything else that it lacks is gone. Passwords of gateways stay, but
    without a gateway they open nothing. Raises psycopg.Error.
    """
    registry = taken.registry
    with connection.transaction(), connection.cursor() as cursor:
        version = _single(cursor.execute(statement("grow_registry_version")))
        cursor.execute(statement("grow_access_version"))
        retired_before: dict[str, bool] = dict(cursor.execute(statement("known_devices")).fetchall())
        for noun, put in _PUTS.items():
            values = getattr(registry, noun)
            cursor.executemany(statement(put), [params.of(value) for value in values.values()])
            cursor.execute(statement(f"keep_{noun}"), {"codes": list(values)})
        devices = [params.of_device(device, registry.profiles) for device in registry.devices.values()]
        cursor.executemany(statement("put_device"), devices)
        retired = cursor.execute(statement("keep_devices"), {"codes": list(registry.devices)}).rowcount
        _replace_the_rest(cursor, taken)
    return Summary(
        version=version,
        added=len(registry.devices.keys() - retired_before.keys()),
        returned=sum(retired_before.get(code, False) for code in registry.devices),
        retired=retired,
        imported=taken,
    )


def export(connection: Connection[Row], folder: Path) -> list[str]:
    """`folder` holds a pack that imports to this registry again; the names written.

    Positions are WGS-84. Raises ValueError when the folder holds anything but a pack, which is replaced, and OSError.
    """
    with connection.transaction():
        connection.execute(statement("hold_registry_version"))
        written = pack_files.files(store.read(connection))
        for name, source in connection.execute(statement("read_roads")).fetchall():
            written[name] = source
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)  # it names people and their phones
    there = {path.name for path in folder.iterdir()}
    if strange := sorted(there - set(pack.FILES)):
        raise ValueError(f"{folder} holds {strange[0]}, which is no part of a pack: give an empty or a new folder")
    for name in there - written.keys():
        (folder / name).unlink()
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return sorted(written)


_PUTS = {
    "grids": "put_grid",
    "stations": "put_station",
    "places": "put_place",
    "people": "put_person",
    "gateways": "put_gateway",
    "rules": "put_rule",
}


def _replace_the_rest(cursor: Cursor[Row], taken: Pack) -> None:
    registry = taken.registry
    for noun in ("duties", "shifts", "water", "lanes", "equipment", "closures", "roads"):
        cursor.execute(statement(f"clear_{noun}"))
    duties = [params.of_duty(position, duty) for position, duty in enumerate(registry.duties)]
    cursor.executemany(statement("add_duty"), duties)
    cursor.executemany(statement("add_shift"), [params.of(shift) for shift in registry.shifts])
    cursor.executemany(statement("add_water"), [params.of(water) for water in registry.water.values()])
    cursor.executemany(statement("add_lane"), [params.of(lane) for lane in registry.lanes.values()])
    cursor.executemany(statement("add_equipment"), [params.of(had) for had in registry.equipment])
    cursor.executemany(statement("put_closure"), [params.of(one) for one in registry.closures.values()])
    if (roads := taken.roads) is not None:
        cursor.execute(statement("add_roads"), {"name": roads.name, "source": roads.source, "network": roads.network})


def _single(cursor: Cursor[Row]) -> int:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the database holds no registry_version: run firegrid migrate")
    return int(row[0])
