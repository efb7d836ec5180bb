"""`firegrid …` without a process of its own, which loads for a second: for what a test needs and is not about."""

import contextlib
import io
import os
from pathlib import Path

from outside import System

from runtime import cli


def spare_processes(system: System) -> None:
    """From now on `system.say` gives its commands in this process."""
    system.say = lambda *words: said(system, *words)


def said(system: System, *words: str | Path) -> str:
    """What `firegrid …` on this system's data folder prints; AssertionError with its words where it fails."""
    out, err, before, status = io.StringIO(), io.StringIO(), dict(os.environ), None
    try:
        os.environ.clear()
        os.environ.update(system.environment)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main([*map(str, words), "--data", str(system.data)])
    except SystemExit as end:
        status = end.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert status == 0, f"firegrid {words}: {status}\n{out.getvalue()}{err.getvalue()}"
    return out.getvalue()
