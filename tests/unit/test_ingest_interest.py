"""What a session wants to hear: everything is asked, in packets small enough, and asked again when it must be."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given, settings

from ingest.interest import BYTES, FILTERS, FLYING, Interest, Request, Subscription
from ingest.outbox import LARGEST_ID


def wanted(*filters: str) -> list[Subscription]:
    return [Subscription(each) for each in filters]


def asked(interest: Interest) -> list[Request]:
    return list(interest.ready())


def answer(interest: Interest, requests: list[Request], code: int = 1) -> list[tuple[str, int]]:
    refused = []
    for each in requests:
        refused += interest.answered(each.packet_id, [code] * (len(each.subscribe) + len(each.unsubscribe)))
    return refused


def settle(interest: Interest) -> None:
    while requests := asked(interest):
        answer(interest, requests)


def connected(*filters: str) -> Interest:
    interest = Interest(wanted(*filters))
    interest.connected(None, resumed=False)
    settle(interest)
    return interest


def test_nothing_is_asked_before_the_connection_and_everything_then() -> None:
    interest = Interest(wanted("a", "b"))
    assert asked(interest) == []
    assert not interest.settled()
    interest.connected(None, resumed=False)
    [request] = asked(interest)
    assert [each.filter for each in request.subscribe] == ["a", "b"]
    assert not interest.settled()
    assert not interest.holds("a")
    answer(interest, [request])
    assert interest.settled()
    assert interest.holds("a")


def test_a_session_that_wants_nothing_is_settled_once_it_is_connected() -> None:
    interest = Interest(())
    assert not interest.settled()
    interest.connected(None, resumed=False)
    assert interest.settled()


def test_what_is_new_is_asked_and_what_was_asked_is_not() -> None:
    interest = connected("a")
    interest.want(wanted("a", "b"))
    assert [[each.filter for each in request.subscribe] for request in asked(interest)] == [["b"]]


def test_what_is_dropped_is_held_no_longer_and_is_asked_for_at_no_connection() -> None:
    interest = connected("a", "b")
    interest.drop(["a"])
    assert not interest.holds("a")
    requests = asked(interest)
    assert [request.unsubscribe for request in requests] == [("a",)]
    answer(interest, requests, code=0)
    interest.disconnected()
    interest.connected(None, resumed=True)
    assert [[each.filter for each in request.subscribe] for request in asked(interest)] == [["b"]]


def test_the_broker_is_told_again_to_forget_what_it_may_not_have_forgotten() -> None:
    interest = connected("a")
    interest.drop(["a", "of an earlier process"])
    asked(interest)
    interest.disconnected()
    interest.connected(None, resumed=True)
    assert {each for request in asked(interest) for each in request.unsubscribe} == {"a", "of an earlier process"}


def test_a_new_session_has_nothing_to_forget_and_holds_nothing_yet() -> None:
    interest = connected("a", "b")
    interest.drop(["a"])
    interest.disconnected()
    assert not interest.settled()
    interest.connected(None, resumed=False)
    assert not interest.holds("b")
    assert [(request.unsubscribe, len(request.subscribe)) for request in asked(interest)] == [((), 1)]


def test_a_resumed_session_holds_what_it_held() -> None:
    interest = connected("a")
    interest.disconnected()
    assert interest.holds("a")
    interest.connected(None, resumed=True)
    assert interest.holds("a")


def test_wanting_again_what_is_being_dropped_ends_in_having_it() -> None:
    interest = connected("a")
    interest.drop(["a"])
    first = asked(interest)
    interest.want(wanted("a"))
    second = asked(interest)
    answer(interest, first, code=0)
    answer(interest, second)
    assert interest.holds("a")


def test_what_the_broker_refuses_is_told_and_is_not_held() -> None:
    interest = Interest(wanted("a", "b"))
    interest.connected(None, resumed=False)
    [request] = asked(interest)
    assert interest.answered(request.packet_id, [0x87, 1]) == [("a", 0x87)]
    assert (interest.holds("a"), interest.holds("b"), interest.settled()) == (False, True, True)


def test_an_answer_nobody_asked_for_changes_nothing() -> None:
    interest = connected("a")
    assert interest.answered(LARGEST_ID + 300, [0x87]) == []
    assert interest.holds("a")


@settings(deadline=None)
@given(st.integers(1, 2_000), st.one_of(st.none(), st.integers(60, 20_000)))
def test_packets_are_within_the_limits_and_together_ask_for_everything(count: int, largest: int | None) -> None:
    names = [f"fg/v1/网关-{number}/telemetry" for number in range(count)]
    interest = Interest(wanted(*names))
    interest.connected(largest, resumed=False)
    seen: list[str] = []
    while requests := asked(interest):
        assert len(requests) <= FLYING
        assert len({each.packet_id for each in requests}) == len(requests)
        for each in requests:
            assert LARGEST_ID < each.packet_id <= 65_535
            assert len(each.subscribe) <= FILTERS
            size = 8 + sum(len(one.filter.encode()) + 3 for one in each.subscribe)
            assert size <= min(BYTES, largest or BYTES)
            seen += [one.filter for one in each.subscribe]
        answer(interest, requests)
    assert seen == names
    assert interest.settled()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcd")), max_size=20))
def test_after_any_wanting_and_dropping_what_is_held_is_what_was_wanted_last(steps: list[tuple[bool, str]]) -> None:
    interest = Interest(())
    interest.connected(None, resumed=False)
    broker: set[str] = set()
    last = {pattern: want for want, pattern in steps}
    for want, pattern in steps:
        interest.want(wanted(pattern)) if want else interest.drop([pattern])
        for request in asked(interest):
            broker |= {each.filter for each in request.subscribe}
            broker -= set(request.unsubscribe)
            answer(interest, [request], code=0)
    assert broker == {pattern for pattern, want in last.items() if want}
    assert {pattern for pattern in "abcd" if interest.holds(pattern)} == broker


def test_requests_of_one_kind_follow_in_the_order_they_were_made() -> None:
    interest = connected("a")
    interest.drop(["a"])
    interest.want(wanted("b"))
    interest.drop(["c"])
    kinds = [bool(request.subscribe) for request in asked(interest)]
    assert kinds == [False, True, False]
    assert all(before is not after for before, after in pairwise(kinds))
