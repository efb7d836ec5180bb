"""Fires overtake what other devices say; what one device says stays in its order; nothing is lost or doubled."""

import json
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.signal import URGENT
from ingest.delivery import Delivery
from ingest.precedence import LOOKED_AT, Precedence


def delivery(number: int, device: str, event: str, topic: str = "fg/v1/GW-1/event") -> Delivery:
    return Delivery(topic, json.dumps({"device": device, "event": event, "seq": number}).encode(), 1, number, 1)


def all_of(queue: Precedence) -> list[int]:
    return [queue.popleft().packet_id for _ in range(len(queue))]


def queued(*deliveries: Delivery) -> Precedence:
    queue = Precedence(URGENT)
    for one in deliveries:
        queue.append(one)
    return queue


@pytest.mark.parametrize("event", ["fire", "manual_call"])
def test_a_fire_overtakes_what_other_devices_say(event: str) -> None:
    assert all_of(queued(delivery(1, "D-1", "fault"), delivery(2, "D-2", "tamper"), delivery(3, "D-3", event))) == [
        3,
        1,
        2,
    ]


def test_it_is_patient_while_something_waits_and_no_fire() -> None:
    queue = Precedence(URGENT)
    assert not queue.patient()
    queue.append(delivery(1, "D-1", "fault"))
    assert queue.patient()
    queue.append(delivery(2, "D-1", "fire"))
    assert not queue.patient()
    assert [queue.popleft().packet_id, queue.patient(), queue.popleft().packet_id, queue.patient()] == [
        1,
        False,
        2,
        False,
    ]


@pytest.mark.parametrize("event", ["fire_restore", "prealarm", "fault", "low_battery", "test"])
def test_nothing_else_does(event: str) -> None:
    assert all_of(queued(delivery(1, "D-1", "fault"), delivery(2, "D-2", event))) == [1, 2]


def test_fires_stay_in_the_order_they_came() -> None:
    assert all_of(queued(*(delivery(number, f"D-{number}", "fire") for number in range(1, 5)))) == [1, 2, 3, 4]


def test_a_fire_brings_along_what_its_device_said_before() -> None:
    queue = queued(
        delivery(1, "D-1", "fire_restore"),
        delivery(2, "D-2", "fault"),
        delivery(3, "D-1", "fault"),
        delivery(4, "D-1", "fire"),
        delivery(5, "D-1", "fire_restore"),
    )
    assert all_of(queue) == [1, 3, 4, 2, 5]


def test_a_fire_restored_behind_it_does_not_come_before_it() -> None:
    queue = queued(delivery(1, "D-2", "fault"), delivery(2, "D-1", "fire_restore"), delivery(3, "D-1", "fire"))
    assert [queue.popleft().packet_id, queue.popleft().packet_id] == [2, 3]


@pytest.mark.parametrize(
    "payload",
    [
        b'[{"device": "D-1", "event": "fire_restore"}, {"device": "D-2", "event": "fault"}]',
        b'{"device": "D\\u002d1", "event": "fire_restore"}',
        b"\xa2fdevicecD-1",
        b'{"device": "D-1", "event": "fire_restore", "value": "' + b"x" * LOOKED_AT + b'"}',
    ],
    ids=["of several devices", "with escapes", "not JSON", "long"],
)
def test_nothing_of_its_topic_overtakes_what_cannot_be_told_at_a_glance(payload: bytes) -> None:
    unclear = Delivery("fg/v1/GW-1/event", payload, 1, 1, 1)
    other = delivery(3, "D-3", "fire", "fg/v1/GW-2/event")
    queue = queued(unclear, delivery(2, "D-1", "fire"), other)
    assert all_of(queue) == [3, 1, 2]
    queue.append(delivery(4, "D-2", "fault"))
    queue.append(delivery(5, "D-1", "fire"))
    assert all_of(queue) == [5, 4], "once it has been taken it is in nobody's way"


def test_it_iterates_as_it_is_taken_and_is_empty_once_cleared() -> None:
    queue = queued(delivery(1, "D-1", "fault"), delivery(2, "D-2", "fault"), delivery(3, "D-2", "fire"))
    assert [one.packet_id for one in queue] == [2, 3, 1]
    queue.clear()
    assert len(queue) == 0
    assert list(queue) == []
    with pytest.raises(IndexError):
        queue.popleft()
    queue.append(delivery(4, "D-1", "fire"))
    assert all_of(queue) == [4]


SAID = st.tuples(
    st.sampled_from(["D-1", "D-2", "D-3", "D-4", None]),
    st.sampled_from(["fire", "fault", "fire_restore"]),
    st.sampled_from(["GW-1", "GW-2"]),
)


@given(st.lists(st.one_of(SAID, st.none()), max_size=40))
def test_whatever_comes_and_is_taken_between_nothing_is_lost_and_each_device_is_heard_in_order(
    steps: list[tuple[str | None, str, str] | None],
) -> None:
    queue, came, took = Precedence(URGENT), deque[tuple[int, str, str]](), list[int]()
    for number, step in enumerate(steps):
        if step is None:
            if len(queue):
                took.append(queue.popleft().packet_id)
            continue
        device, event, gateway = step
        topic = f"fg/v1/{gateway}/event"
        one = Delivery(topic, b"?", 1, number, 1) if device is None else delivery(number, device, event, topic)
        came.append((number, topic, device or ""))
        queue.append(one)
    took += all_of(queue)
    assert sorted(took) == [number for number, _, _ in came]
    place = {number: index for index, number in enumerate(took)}
    for number, topic, device in came:
        for later, of, other in came:
            if later > number and ((device and other == device and of == topic) or (not device and of == topic)):
                assert place[number] < place[later]
