"""A district pack that came as one file, read beside the server: `python -m api.packing`, one question on its standard
input, the answer on its standard output, both JSON.

In a process of its own, because reading a district takes seconds of computing, and the desk must not wait for it.
"""

import io
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import psycopg

from api import admin_log
from api.admin_log import Deed
from devices import catalogue, pack, pack_files, pack_store, store
from devices.fault import Fault
from devices.pack import Pack
from devices.registry import Registry
from devices.statements import statement

FAULTS = 1000
"""So many are told; whoever made so many has one reason for most of them."""
NAMED = 5
"""So many codes of each kind of change are named."""
ENTRIES = 200
"""Files in an archive, folders among them: more is no pack."""

NICER = 10
"""By so much it gives way to everything else (nice)."""

KEYED = ("grids", "places", "stations", "people", "gateways", "devices", "water", "lanes", "closures", "rules")
LISTED = ("duties", "shifts", "equipment")

Files: TypeAlias = dict[str, bytes]


class Question(msgspec.Struct, frozen=True):
    """`path`: the archive, or where one is to be written. `keep`: files that it lacks stay as registered. `version`: of
    the registry that whoever applies it has seen the changes to. `most`: bytes that its files may have together.
    """

    task: str
    database: str
    path: str
    at: datetime
    who: str = ""
    crs: str = "wgs84"
    keep: bool = False
    apply: bool = False
    version: int | None = None
    most: int = 256 * 1024 * 1024


class Strange(Exception):  # noqa: N818 - reads as the outcome it is
    """The archive cannot be opened; says what to do."""


def main() -> int:
    """The question is answered. Exit status 0 unless something broke."""
    os.nice(NICER)
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    with psycopg.connect(question.database, connect_timeout=5) as connection:
        told = _export(connection, question) if question.task == "export" else _import(connection, question)
    sys.stdout.buffer.write(msgspec.json.encode(told))
    return 0


def _import(connection: psycopg.Connection[Any], question: Question) -> dict[str, Any]:
    try:
        given = opened(Path(question.path).read_bytes(), question.most)
    except Strange as strange:
        return {"faults": [_fault(Fault("", 0, str(strange)))], "total": 1, "notes": [], "changes": {}, "version": None}
    with connection.transaction():
        connection.execute(statement("hold_registry_version"))
        before = store.read(connection)
        taken = pack.parse(_whole(before, given) if question.keep else given, question.crs, catalogue.load())
        if isinstance(taken, list):
            shown = [_fault(one) for one in taken[:FAULTS]]
            return {"faults": shown, "total": len(taken), "notes": [], "changes": {}, "version": before.version}
        changed = changes(before, taken.registry)
        told = {
            "faults": [],
            "total": 0,
            "notes": [_fault(one) for one in (*taken.notes, *_strange(given))][:FAULTS],
            "changes": changed,
            "roads": _roads(connection, taken),
            "version": before.version,
            "applied": False,
        }
        if not question.apply:
            return told
        if question.version is not None and question.version != before.version:
            return told | {"moved": True}
        kept = taken if not question.keep or taken.roads is not None else _with_roads(connection, taken)
        summary = pack_store.apply(connection, kept)
        detail = {
            noun: {name: each[name] for name in ("added", "changed", "removed")} for noun, each in changed.items()
        }
        deed = Deed("pack", detail={"version": summary.version, "files": sorted(given), "changes": detail})
        admin_log.add_now(connection, question.at, question.who, deed)
        return told | {"applied": True, "version": summary.version}


def opened(data: bytes, most: int) -> Files:
    """The files of an archive by name, whatever folder they lie in.

    Raises Strange.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and _name(one) not in ("", ".DS_Store")]
            if len(archive.infolist()) > ENTRIES:
                raise Strange(f"the archive has more than {ENTRIES} entries: pack the files of one district only")
            if sum(one.file_size for one in members) > most:
                raise Strange(
                    f"the files have more than {most // 2**20} MiB: leave roads out, or raise FIREGRID_PACK_BYTES"
                )
            twice = [name for name, count in Counter(_name(one) for one in members).items() if count > 1]
            if twice:
                raise Strange(f"{twice[0]} is in it twice: keep one of them")
            return {_name(one): _read(archive, one, most) for one in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Strange(f"this is no ZIP archive that can be read ({error}): pack the files without a password") from None


def _name(one: zipfile.ZipInfo) -> str:
    name = Path(one.filename.replace("\\", "/")).name
    return "" if "__MACOSX" in one.filename else name


def _read(archive: zipfile.ZipFile, one: zipfile.ZipInfo, most: int) -> bytes:
    """What it says it holds, and not more: the size in an archive's table may be a lie."""
    with archive.open(one) as file:
        data = file.read(most + 1)
    if len(data) > one.file_size:
        raise Strange(f"{_name(one)} is larger than the archive says")
    return data


def _whole(registry: Registry, given: Files) -> Files:
    """The files given, and for those that are not, the registry's own."""
    had = pack_files.files(registry)
    return {**had, **{name: data for name, data in given.items() if name in pack.FILES}}


def _with_roads(connection: psycopg.Connection[Any], taken: Pack) -> Pack:
    """With the streets that are there already: they come with the database, not with the registry's files."""
    row = connection.execute(statement("read_whole_roads")).fetchone()
    return taken if row is None else replace(taken, roads=pack.Roads(row[0], bytes(row[1]), bytes(row[2])))


def _roads(connection: psycopg.Connection[Any], taken: Pack) -> dict[str, bool]:
    had = connection.execute(statement("read_whole_roads")).fetchone() is not None
    return {"had": had, "given": taken.roads is not None}


def _strange(given: Files) -> Iterator[Fault]:
    for name in sorted(given.keys() - set(pack.FILES)):
        yield Fault(name, 0, "is no part of a pack and is ignored")


def changes(before: Registry, after: Registry) -> dict[str, dict[str, Any]]:
    """Noun -> how many are `added`, `changed`, `removed`, and the first codes of each under `codes`; what stays is
    left out.
    """
    found = {noun: _keyed(getattr(before, noun), getattr(after, noun)) for noun in KEYED}
    for noun in LISTED:
        old, new = Counter(getattr(before, noun)), Counter(getattr(after, noun))
        found[noun] = {"added": (new - old).total(), "changed": 0, "removed": (old - new).total(), "codes": {}}
    return {noun: each for noun, each in found.items() if each["added"] or each["changed"] or each["removed"]}


def _keyed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    sets = {
        "added": sorted(after.keys() - before.keys()),
        "changed": sorted(code for code in after.keys() & before.keys() if _bare(after[code]) != _bare(before[code])),
        "removed": sorted(before.keys() - after.keys()),
    }
    return {
        **{name: len(codes) for name, codes in sets.items()},
        "codes": {n: codes[:NAMED] for n, codes in sets.items()},
    }


def _bare(value: Any) -> Any:  # noqa: ANN401 - any of the registry's values
    """Without the number that the database gives a device."""
    return replace(value, id=0) if hasattr(value, "id") else value


def _fault(one: Fault) -> dict[str, Any]:
    return {"file": one.file, "line": one.line, "reason": one.reason}


def _export(connection: psycopg.Connection[Any], question: Question) -> dict[str, Any]:
    with connection.transaction():
        connection.execute(statement("hold_registry_version"))
        registry = store.read(connection)
        files = pack_files.files(registry)
        for name, source in connection.execute(statement("read_roads")).fetchall():
            files[name] = bytes(source)
    with zipfile.ZipFile(question.path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return {"version": registry.version, "files": sorted(files)}


if __name__ == "__main__":
    raise SystemExit(main())
