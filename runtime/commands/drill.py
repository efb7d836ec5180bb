"""`firegrid drill`."""

import argparse
import asyncio

from runtime import located, logs
from runtime.settings import Settings
from runtime.wiring import drill


def run(settings: Settings, given: argparse.Namespace) -> int:
    """The scenario is played; 0 when every step came in time, else 1."""
    settings = located.located_if_running(located.located(settings))
    logs.configure("warning", "drill")
    return asyncio.run(drill.play(settings, located.clock_of(settings), seed=given.seed, report=given.report))
