"""`firegrid up`."""

import argparse

from runtime import demo, up
from runtime.settings import Settings


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Everything, private servers included, until Ctrl-C."""
    return up.run(settings, demo=given.demo, prepare=demo.prepare if given.demo else None, announce=demo.announce)
