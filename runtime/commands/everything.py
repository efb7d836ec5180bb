"""`firegrid up`."""

import argparse

from runtime import demo, policies, up
from runtime.settings import Settings


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Everything, private servers included, until Ctrl-C."""
    policies.of(settings)  # else control would be started again and again, and fail each time
    return up.run(settings, demo=given.demo, prepare=demo.prepare if given.demo else None, announce=demo.announce)
