"""`firegrid ingest`."""

import argparse

from runtime import located, logs, role
from runtime.settings import Settings
from runtime.wiring import ingest


def run(settings: Settings, _given: argparse.Namespace) -> int:
    """The ingest role until it is told to stop."""
    settings = located.located(settings)
    logs.configure(settings.log_level, "ingest")
    return role.run(ingest.play(settings, located.clock_of(settings)))
