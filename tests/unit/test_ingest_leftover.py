"""What the broker does not send again after a lost connection is not lost."""

from ingest.delivery import Delivery
from ingest.leftover import Leftovers


def delivery(number: int, epoch: int = 1, payload: bytes | None = None) -> Delivery:
    return Delivery("fg/v1/GW-1/telemetry", payload or b"%d" % number, 1, number, epoch, False, None)  # noqa: FBT003 - retained


def test_what_the_broker_sends_again_is_not_taken_twice():
    left = Leftovers()
    left.keep([delivery(1), delivery(2)])
    left.again(delivery(1, epoch=2))
    left.again(delivery(2, epoch=2))
    assert left.forgotten() == []


def test_what_the_broker_has_forgotten_is_handed_over_once_in_order_of_arrival():
    left = Leftovers()
    left.keep([delivery(number) for number in (7, 3, 5)])
    left.again(delivery(3, epoch=2))
    assert [each.packet_id for each in left.forgotten()] == [7, 5]
    assert left.forgotten() == []


def test_an_id_that_is_used_for_another_message_does_not_stand_for_the_old_one():
    left = Leftovers()
    left.keep([delivery(1, payload=b"old")])
    left.again(delivery(1, epoch=2, payload=b"new"))
    assert [each.payload for each in left.forgotten()] == [b"old"]


def test_two_connections_lost_in_a_row_leave_each_delivery_once():
    left = Leftovers()
    left.keep([delivery(1), delivery(2)])
    left.keep([delivery(1, epoch=2), delivery(3, epoch=2)])
    assert [each.packet_id for each in left.forgotten()] == [1, 2, 3]
