"""`firegrid control`."""

import argparse

from runtime import located, logs, role
from runtime.settings import Settings
from runtime.wiring import control


def run(settings: Settings, _given: argparse.Namespace) -> int:
    """The dispatch and API role until it is told to stop."""
    settings = located.located(settings)
    logs.configure(settings.log_level, "control")
    return role.run(control.play(settings, located.clock_of(settings)))
