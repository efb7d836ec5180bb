"""A log entry is one line of JSON, whatever is logged."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from runtime import logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a role's log writes to standard error."""
    before, file = structlog.get_config(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    logs.configure("info", "ingest")
    yield file
    structlog.contextvars.clear_contextvars()
    structlog.configure(**before)


def entries(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_entry_says_when_who_and_what(written: io.StringIO) -> None:
    structlog.get_logger().info("device_event", device="D-1", drill=None, name="火")
    [entry] = entries(written)
    assert entry.pop("timestamp", "").endswith("Z")  # type: ignore[attr-defined]
    assert entry == {
        "event": "device_event",
        "level": "info",
        "role": "ingest",
        "device": "D-1",
        "drill": None,
        "name": "火",
    }


@pytest.mark.parametrize(
    "value",
    [float("nan"), {1, 2}, Path("a"), b"\xff", {1: 2}, {(1, 2): 3}, ValueError("x"), "\ud800", 2**80, object()],
    ids=lambda value: type(value).__name__,  # all workers must name a test alike
)
def test_nothing_that_is_logged_ends_who_logs_it(written: io.StringIO, value: object) -> None:
    structlog.get_logger().warning("odd", value=value)
    [entry] = entries(written)
    assert (entry["event"], "value" in entry) == ("odd", True)


def test_an_exception_is_part_of_the_line(written: io.StringIO) -> None:
    try:
        int("why")
    except ValueError:
        structlog.get_logger().exception("failed")
    [entry] = entries(written)
    assert "ValueError: invalid literal" in str(entry["exception"])


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger().debug("device_event")
    assert entries(written) == []


def test_what_a_library_logs_is_one_line_of_json_too() -> None:
    record = logging.LogRecord("psycopg", logging.WARNING, "x.py", 1, 'lost: "%s"', ("a\n\tb",), None)
    line = logs._Lines().format(record)
    assert "\n" not in line
    assert json.loads(line) == {"level": "warning", "event": 'lost: "a\n\tb"', "logger": "psycopg"}
