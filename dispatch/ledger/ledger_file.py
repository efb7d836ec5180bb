"""The ledger outside the database: a file of lines, CSV or JSON, in which every entry keeps its bytes and digests."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dispatch.ledger.audit import Broken

FORMATS = ("csv", "jsonl")


def format_of(path: Path) -> str:
    """By the file's name: `jsonl` for .jsonl, .json and .ndjson, else `csv`."""
    return "jsonl" if path.suffix in (".jsonl", ".json", ".ndjson") else "csv"


def write(file: IO[str], form: str, number: int, prev: bytes, digest: bytes, body: bytes) -> None:
    """One more line. CSV: entry, prev, digest, body, the last three in hex; JSON: an object of these, body as text."""
    if form == "csv":
        file.write(f"{number},{prev.hex()},{digest.hex()},{body.hex()}\n")
        return
    line = {"entry": number, "prev": prev.hex(), "digest": digest.hex(), "body": body.decode()}
    file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(file: IO[str]) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Number, prev, digest and body of each line of an exported file, whichever format it has.

    Raises Broken for a line that is neither.
    """
    csv.field_size_limit(sys.maxsize)
    for at, line in enumerate(file, start=1):
        try:
            yield _json(line) if line.startswith("{") else _csv(line)
        except (ValueError, KeyError, TypeError):
            raise Broken(f"line {at} is no entry: export the ledger again, or restore the file") from None


def _csv(line: str) -> tuple[int, bytes, bytes, bytes]:
    ((number, prev, digest, body),) = csv.reader([line])
    return int(number), bytes.fromhex(prev), bytes.fromhex(digest), bytes.fromhex(body)


def _json(line: str) -> tuple[int, bytes, bytes, bytes]:
    found = json.loads(line)
    return int(found["entry"]), bytes.fromhex(found["prev"]), bytes.fromhex(found["digest"]), found["body"].encode()
