"""`firegrid simulate`."""

import argparse
import sys

from runtime import located, logs, role
from runtime.settings import Settings
from runtime.wiring import simulate


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Ordinary life, published until Ctrl-C."""
    settings = located.located(settings)
    logs.configure("warning" if sys.stdout.isatty() else settings.log_level, "simulate")
    clock = located.clock_of(settings)
    return role.run(simulate.play(settings, clock, devices=given.devices, rate=given.rate, seed=given.seed))
