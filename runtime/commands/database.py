"""`firegrid migrate`."""

import argparse

from runtime import located, migrate
from runtime.settings import Settings
from runtime.terminal import say


def migrate_database(settings: Settings, _given: argparse.Namespace) -> int:
    """The database has the current schema; what was applied is printed."""
    applied = migrate.migrate(located.database_url(settings), located.clock_of(settings)())
    for name in applied:
        say(name)
    say(f"{len(applied)} applied; the database is current")
    return 0
