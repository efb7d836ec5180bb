"""What a role keeps is left alone by the search for garbage, and goes all the same when nobody refers to it."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from runtime import rubbish


class Thing:
    """Something that can be part of a cycle."""

    def __init__(self) -> None:
        self.other: Thing | None = None


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_lives_is_not_searched_from_then_on() -> None:
    rubbish.seldom()
    assert gc.get_threshold() == (rubbish.YOUNG, rubbish.MIDDLING, rubbish.OLD)
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1000


def test_a_cycle_that_was_kept_and_left_goes_when_the_next_is_kept() -> None:
    one, two = Thing(), Thing()
    one.other, two.other = two, one
    rubbish.keep()
    gone = weakref.ref(one)
    del one, two
    gc.collect()
    assert gone() is not None, "what is kept is left alone"
    rubbish.keep()
    assert gone() is None
