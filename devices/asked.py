"""A cancellation that got lost on its way."""

import asyncio


def go_if_cancelled() -> None:
    """Raises the cancellation that was asked for and got lost: `asyncio.wait_for` of Python 3.11, which aiomqtt and
    psycopg wait with, swallows one that arrives together with the result (python/cpython#86296). For loops that go on
    after a trouble, at each turn.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
