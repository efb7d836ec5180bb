"""What the link says, as packets of MQTT 5 on the `mqtt5` codec, and the codec's reason codes as words."""

from collections.abc import Sequence

import mqtt5
import numpy as np

from ingest.interest import Request, Retained, Subscription
from ingest.outbox import Sending, Token

PING = mqtt5.PingReqPacket().write()

_HANDLING = {
    Retained.ALWAYS: mqtt5.RetainHandling.SEND_ALWAYS,
    Retained.ONCE: mqtt5.RetainHandling.SEND_IF_SUBSCRIPTION_NOT_EXISTS,
    Retained.NEVER: mqtt5.RetainHandling.SEND_NEVER,
}


def word(code: object) -> str:
    """A reason code as a word; the codec names it only in a repr like `<SubAckReasonCode.NOT_AUTHORIZED: 135>`."""
    return repr(code).partition(".")[2].partition(":")[0].lower()


def request(asked: Request) -> bytes:
    """SUBSCRIBE or UNSUBSCRIBE."""
    if asked.unsubscribe:
        return mqtt5.UnsubscribePacket(asked.packet_id, list(asked.unsubscribe)).write()
    return mqtt5.SubscribePacket(asked.packet_id, [_filter(each) for each in asked.subscribe]).write()


def publication(sending: Sending[Token]) -> bytes:
    """PUBLISH at QoS 1."""
    return mqtt5.PublishPacket(
        sending.item.topic,
        sending.item.payload,
        qos=mqtt5.QoS.AT_LEAST_ONCE,
        packet_id=sending.packet_id,
        duplicate=sending.again,
    ).write()


def acknowledgements(packet_ids: Sequence[int]) -> bytes:
    """A PUBACK for each, in order: success without properties (MQTT 5, 3.4)."""
    packets = np.empty(len(packet_ids), dtype=[("head", ">u2"), ("id", ">u2")])
    packets["head"], packets["id"] = _PUBACK, packet_ids
    return packets.tobytes()


_PUBACK = 0x4002
"""Type and flags, and how many bytes follow: those of the packet id."""


def _filter(subscription: Subscription) -> mqtt5.TopicFilter:
    return mqtt5.TopicFilter(
        subscription.filter,
        max_qos=mqtt5.QoS(subscription.qos),
        retain_as_published=False,
        retain_handling=_HANDLING[subscription.retained],
    )
