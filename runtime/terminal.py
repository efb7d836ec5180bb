"""What a command says to the person who gave it."""

import sys


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")
