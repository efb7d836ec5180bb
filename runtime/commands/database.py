"""`firegrid migrate` and `firegrid ledger verify`."""

import argparse

from dispatch.entry import GENESIS, chain
from runtime import located, migrate
from runtime.settings import Settings
from runtime.statements import statement
from runtime.terminal import say
from runtime.trouble import Trouble


def migrate_database(settings: Settings, _given: argparse.Namespace) -> int:
    """The database has the current schema; what was applied is printed."""
    applied = migrate.migrate(located.database_url(settings), located.clock_of(settings)())
    for name in applied:
        say(name)
    say(f"{len(applied)} applied; the database is current")
    return 0


def ledger_verify(settings: Settings, _given: argparse.Namespace) -> int:
    """The ledger's chain holds from its first entry to its last."""
    prev, count = GENESIS, 0
    with located.database(settings) as connection, connection.cursor(name="ledger") as cursor:
        for number, body, kept_prev, digest in cursor.execute(statement("ledger_whole")):
            count += 1
            if number != count:
                raise Trouble(
                    f"ledger: entry {count} is missing, {number} follows: restore it from a backup or a journal"
                )
            if bytes(kept_prev) != prev or chain(prev, bytes(body)) != bytes(digest):
                raise Trouble(f"ledger: entry {number} was changed: its digest does not follow from its bytes")
            prev = bytes(digest)
    say(f"{count} entries, the chain holds; last digest {prev.hex()}")
    return 0
