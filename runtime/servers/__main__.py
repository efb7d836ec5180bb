"""`python -m runtime.servers`: the servers' binaries are on this machine, each step told with its time."""

import sys
import time

from runtime.servers import packages
from runtime.servers.trouble import ServerTrouble


def main() -> int:
    """Exit status 0, or 1 with one line on stderr."""
    began = time.monotonic()

    def say(words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {words}\n")
        sys.stdout.flush()

    try:
        packages.ensure(say)
    except ServerTrouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
