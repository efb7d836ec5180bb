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
    gc.freeze()  # what was collected is left alone again
    gc.set_threshold(*thresholds)


def test_what_lives_is_not_searched_from_then_on() -> None:
    rubbish.seldom()
    assert gc.get_threshold() == (rubbish.YOUNG, rubbish.MIDDLING, rubbish.OLD)
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1000


def test_what_is_loaded_is_left_alone_from_then_on() -> None:
    with rubbish.unsearched():
        assert not gc.isenabled()
        kept = cycle()
    assert gc.isenabled()
    assert not any(one is kept for one in gc.get_objects())


def test_what_cannot_be_loaded_leaves_the_search_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), rubbish.unsearched():
        _ = 1 / 0
    assert gc.isenabled()


def test_young_garbage_goes_before_the_rest_is_kept_and_what_was_kept_stays_kept() -> None:
    rubbish.seldom()
    kept, gone = cycle(), weakref.ref(cycle())
    before = gc.get_freeze_count()
    rubbish.keep()
    assert gone() is None
    assert gc.get_freeze_count() >= before + 2
    assert kept.other is not None
    gc.collect()
    assert kept.other.other is kept


def cycle() -> Thing:
    one, two = Thing(), Thing()
    one.other, two.other = two, one
    return one
