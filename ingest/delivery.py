"""What a broker handed over: one message, and how to acknowledge it."""

import msgspec


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One PUBLISH as it arrived. `epoch` counts the link's connections: `packet_id` means nothing in another one.

    `packet_id` is 0 at `qos` 0. `retain` is true only for a copy the broker had kept from before the subscription.
    """

    topic: str
    payload: bytes
    qos: int
    packet_id: int
    epoch: int
    retain: bool = False
    content_type: str | None = None
