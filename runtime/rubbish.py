"""Python looks for cycles of garbage among what is young: what a role has built to keep is left out of the search.

A whole search stops a process with a large registry for half a second, and in a storm, when ten thousands of new
objects live on, there would be several of them.
"""

import contextlib
import gc
from collections.abc import Iterator

YOUNG, MIDDLING, OLD = 20_000, 20, 20
"""Objects more than before at which the youngest are searched, and so many such searches before the next generation's.
A search of so many takes some milliseconds."""


@contextlib.contextmanager
def unsearched() -> Iterator[None]:
    """Nothing is searched meanwhile, and what is made meanwhile is left alone from then on: code that is loaded stays.

    A tenth of the time that loading takes would go into searches that find nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def seldom() -> None:
    """From here on the youngest objects are searched seldom, and what lives now is not."""
    gc.set_threshold(YOUNG, MIDDLING, OLD)
    settle()


def settle() -> None:
    """All that lives is searched once and from here on left alone: for a role that does not serve yet.

    The more was found alive, the more must be new before Python searches all that is not left alone by itself.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def keep() -> None:
    """What lives now is left alone from here on; it goes when nothing refers to it any more.

    Only what is not old is searched before, some milliseconds: a process that leads must not stand still for it. Cycles
    of garbage among the old stay for as long as the process runs.
    """
    gc.collect(1)
    gc.freeze()
