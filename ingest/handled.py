"""Signals are handed to the desk through a table, and leave it some time after they were decided."""

from datetime import datetime, timedelta

import psycopg
import structlog

from ingest.statements import statement

log = structlog.get_logger()

KEPT = timedelta(days=30)
"""By the time of the decision. Longer than the desk itself knows signals again (`Policy.keep_signals`):
one that is sent again meanwhile is a repeat here too."""

EVERY = timedelta(minutes=1)
"""Between two looks, in time of the system's clock."""

AT_A_TIME = 5_000
"""Rows deleted in one statement."""


class Handled:
    """Signals decided more than KEPT ago are gone, a few at a time. One nobody has decided stays, however old."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    async def step(self, connection: psycopg.AsyncConnection, now: datetime) -> bool:
        """Some are gone, on `connection` in autocommit. True when there may be more."""
        if self._next is not None and self._next - EVERY <= now < self._next:
            return False
        cursor = await connection.execute(statement("drop_signals"), {"before": now - KEPT, "many": AT_A_TIME})
        if cursor.rowcount:
            log.info("signals_dropped", signals=cursor.rowcount)
        if cursor.rowcount == AT_A_TIME:
            return True
        self._next = now + EVERY
        return False
