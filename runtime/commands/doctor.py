"""`firegrid doctor`."""

import argparse

from runtime import doctor, located
from runtime.settings import Settings


def run(settings: Settings, _given: argparse.Namespace) -> int:
    """What is configured, what answers, what is wrong and what to do."""
    found = located.located_if_running(settings)
    return doctor.examine(found, located.clock_of(found))
