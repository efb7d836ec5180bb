"""Logs of every role: one JSON object a line, a constant event name and ids."""

import json
import logging
import sys
from typing import Any

import msgspec
import structlog


def configure(level: str, role: str) -> None:
    """From here on this process logs as `role` to standard error; libraries' warnings take the same way."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Lines(logging.Formatter):
    """What a library logs is one line too, whatever its words hold."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {"level": record.levelname.lower(), "event": record.getMessage(), "logger": record.name}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return _json(entry, str)


def _json(entry: dict[str, Any], default: Any) -> str:  # noqa: ANN401 - as structlog calls it
    """In a storm each event of a device is an entry: the standard library takes twice as long, but takes anything."""
    try:
        return msgspec.json.encode(entry, enc_hook=default).decode()
    except (msgspec.MsgspecError, UnicodeError, TypeError, OverflowError, RecursionError):
        return json.dumps(entry, default=default, skipkeys=True)
