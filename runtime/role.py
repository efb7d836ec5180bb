"""A role's process: one coroutine, run until it is told to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import structlog
import uvloop

from runtime import memory, rubbish
from runtime.trouble import Trouble

log = structlog.get_logger()


def run(role: Coroutine[Any, Any, None]) -> int:
    """The role runs until SIGTERM or SIGINT, or until one of its parts fails; the exit status."""
    memory.give_back()
    rubbish.seldom()
    try:
        uvloop.run(_until_told(role))
    except asyncio.CancelledError:
        return 0
    except Trouble:
        raise
    except Exception:
        log.exception("role_failed")
        return 1
    return 0


async def _until_told(role: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    task = loop.create_task(role)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await task
