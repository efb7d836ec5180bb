"""Deliveries become one batch: each channel decoded, signals picked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from ingest import decode, event, payload, signal, status, topic
from ingest.batch import Batch, distinct
from ingest.catalog import View
from ingest.delivery import Delivery
from ingest.payload import Message, Refusal
from ingest.rejection import Reason, clean
from ingest.topic import Channel


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`ignored` counts unknown members; `next_us`: the earliest receive time of what comes next, microseconds."""

    batch: Batch
    ignored: int
    next_us: int


def unpack(deliveries: Sequence[Delivery], prefix: str, view: View, received_us: int) -> Unpacked:
    """Everything in `deliveries`, received at `received_us` (microseconds after 1970, UTC), in order."""
    channels: dict[Channel, list[Message]] = {channel: [] for channel in Channel}
    rejections = []
    telemetry, behind = channels[Channel.TELEMETRY], view.catalog.behind
    head, tail = f"{prefix}/", f"/{Channel.TELEMETRY}"
    for delivery in deliveries:
        name = delivery.topic
        if name.endswith(tail) and name.startswith(head) and (code := name[len(head) : -len(tail)]) in behind:
            # most of all messages: what is a registered gateway's code needs no other proof that it is a code
            telemetry.append(Message(code, name, delivery.payload, received_us, delivery.content_type))
            continue
        where = topic.parse(prefix, name)
        if where is None or where.channel is Channel.REPLY:
            stray = Message(clean(delivery.topic, 64), clean(delivery.topic), delivery.payload, received_us)
            rejections.append(payload.rejection(stray, Refusal(Reason.UNKNOWN_GATEWAY, "no gateway's topic")))
            continue
        message = Message(where.gateway, delivery.topic, delivery.payload, received_us, delivery.content_type)
        channels[where.channel].append(message)
    readings = decode.readings(channels[Channel.TELEMETRY], view.catalog, received_us)
    events = event.events(channels[Channel.EVENT], view.catalog.registry, received_us)
    statuses, refused = status.statuses(channels[Channel.STATUS], view.catalog.registry)
    picked = chain.from_iterable(
        signal.of_readings(sheet, view.catalog, view.watched) for sheet in readings.sheets.values()
    )
    batch = Batch(
        {kind: sheet.columns for kind, sheet in readings.sheets.items()},
        events.events,
        distinct([*signal.of_events(events.events), *picked]),
        statuses,
        [*rejections, *readings.rejections, *events.rejections, *refused],
    )
    return Unpacked(batch, readings.ignored + events.ignored, max(readings.next_us, events.next_us))
