"""Logs of every role: one JSON object a line, a constant event name and ids."""

import logging
import sys

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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(role=role)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format='{"level":"%(levelname)s","event":"%(message)s"}'
    )
