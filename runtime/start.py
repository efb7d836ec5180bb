"""Where the `firegrid` program begins: Ctrl-C ends it quietly from its first moment on, while it is still loading."""

import sys


def main() -> None:
    """Loads the command line and runs it; exit status 130 when interrupted before it could say anything."""
    try:
        from runtime import cli  # noqa: PLC0415 - loading is what may be interrupted

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
