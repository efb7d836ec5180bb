"""What PostgreSQL would read from a binary COPY image."""

import struct

from ingest import image


def parse(data: bytes) -> list[tuple[bytes | None, ...]]:
    """Rows of a binary COPY image, as PostgreSQL's documentation lays it out ("COPY", section Binary Format)."""
    assert data[:11] == b"PGCOPY\n\xff\r\n\0"
    flags, extension = struct.unpack_from("!ii", data, 11)
    assert (flags, extension) == (0, 0)
    at, rows = 19, []
    while (count := struct.unpack_from("!h", data, at)[0]) != -1:
        at += 2
        row: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", data, at)
            at += 4
            row.append(None if length == -1 else data[at : at + length])
            at += max(0, length)
        rows.append(tuple(row))
    assert at + 2 == len(data)
    return rows


def numbers(row: tuple[bytes | None, ...]) -> tuple[object, ...]:
    ts, device, seq, received = (
        struct.unpack(form, part)[0] for form, part in zip(("!q", "!i", "!q", "!q"), row, strict=False)
    )
    values = (None if part is None else struct.unpack("!d", part)[0] for part in row[4:])
    return (ts + image.PG_EPOCH_US, device, seq, received + image.PG_EPOCH_US, *values)
