"""A pack's CSV file as rows of named cells, each with the line it begins on. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devices.fault import Fault


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file that could be read, by line, and what was wrong with the others; outer blanks are gone."""

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()
    readable: bool = True
    """False when the rows could not be told apart at all (encoding, header)."""


def decode(file: str, data: bytes) -> str | Fault:
    """The text of a UTF-8 file, without its byte order mark if it has one."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Fault(file, line, "not UTF-8 from here on (GBK?): save the file as UTF-8")


def parse(file: str, data: bytes, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Sheet:
    """The rows of `file`; its first line names the columns, in any order. Empty lines are skipped."""
    text = decode(file, data)
    if isinstance(text, Fault):
        return Sheet((), (text,), readable=False)
    lines = _records(text)
    header_line, header = next(((line, cells) for line, cells in lines if cells), (1, []))
    if isinstance(header, str):
        return Sheet((), (Fault(file, header_line, header),), readable=False)
    header = [name.strip() for name in header]
    if faults := _header_faults(file, header_line, header, required):
        return Sheet((), faults, readable=False)
    unknown = [name for name in header if name and name not in required + optional]
    notes = tuple(Fault(file, header_line, f"column {name!r} is not known and is ignored") for name in unknown)
    rows: list[tuple[int, Mapping[str, str]]] = []
    bad: list[Fault] = []
    for line, cells in lines:
        if isinstance(cells, str):
            bad.append(Fault(file, line, cells))
        elif len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            bad.append(
                Fault(file, line, f"{len(cells)} values under {len(header)} columns: quote a value with a comma")
            )
        elif any(cell.strip() for cell in cells):
            rows.append((line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}))
    return Sheet(tuple(rows), tuple(bad), notes)


def _records(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each record with the line it begins on; instead of one that cannot be read, the reason."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "unexpected end of data" in str(error)
            yield line, "a quoted value begins here and never ends" if open_quote else f"not readable as CSV: {error}"


def _header_faults(file: str, line: int, header: list[str], required: tuple[str, ...]) -> tuple[Fault, ...]:
    if missing := [name for name in required if name not in header]:
        return (Fault(file, line, f"the header lacks {', '.join(missing)}"),)
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    return tuple(Fault(file, line, f"the header names {name} twice") for name in twice)
