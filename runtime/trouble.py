"""What a command line says instead of a traceback."""


class Trouble(Exception):  # noqa: N818 - it is told, not debugged
    """Something the user can mend; the message is one sentence that says what to do."""
