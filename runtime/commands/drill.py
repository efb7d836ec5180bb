"""`firegrid drill`."""

import argparse
import asyncio

from devices.passage import Wrong
from runtime import located, logs
from runtime.settings import Settings
from runtime.trouble import Trouble
from runtime.wiring import drill
from simulators import scenario


def run(settings: Settings, given: argparse.Namespace) -> int:
    """The scenario is played; 0 when every step came in time, else 1."""
    try:
        played = scenario.load(given.scenario)
    except Wrong as wrong:
        raise Trouble(str(wrong)) from None
    settings = located.located_if_running(located.located(settings))
    logs.configure("warning", "drill")
    return asyncio.run(
        drill.play(
            settings, located.clock_of(settings), played, seed=given.seed, report=given.report, faults=given.faults
        )
    )
