"""The broker is told in the order it sent, and of everything once."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.receipts import Receipts


def owing(*ids: int) -> Receipts:
    receipts = Receipts()
    for one in ids:
        receipts.owe(one)
    return receipts


def test_what_is_done_out_of_turn_waits_for_what_was_sent_before_it() -> None:
    receipts = owing(7, 8, 9)
    assert receipts.done([9, 8]) == []
    assert len(receipts) == 3
    assert receipts.done([7]) == [7, 8, 9]
    assert len(receipts) == 0


def test_an_id_may_be_used_again_once_it_was_told() -> None:
    receipts = owing(1)
    assert receipts.done([1]) == [1]
    receipts.owe(2)
    receipts.owe(1)
    assert receipts.done([1]) == []
    assert receipts.done([2]) == [2, 1]


def test_of_an_ended_connection_nothing_is_left() -> None:
    receipts = owing(1, 2)
    assert receipts.done([2]) == []
    receipts.clear()
    receipts.owe(2)
    assert receipts.done([]) == []
    assert receipts.done([2]) == [2]


@given(st.permutations(range(1, 12)), st.lists(st.integers(1, 4), max_size=8))
def test_whatever_the_order_each_is_told_once_and_in_the_order_it_was_sent(order: list[int], sizes: list[int]) -> None:
    receipts, told = owing(*range(1, 12)), list[int]()
    for size in [*sizes, len(order)]:
        told += receipts.done(order[:size])
        order = order[size:]
    assert told == list(range(1, 12))
