"""A gateway's own word that it is online or offline; retained, and its last will (CONTRACT section 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.registry import Registry
from ingest import event, payload, value
from ingest.payload import Message, Refusal
from ingest.rejection import Reason, Rejection

STATES = frozenset({"online", "offline"})


@dataclass(frozen=True, slots=True)
class Status:
    """What a gateway said of itself; times in microseconds after 1970, UTC."""

    gateway: str
    state: str
    ts_us: int
    received_us: int


def statuses(messages: Sequence[Message], registry: Registry) -> tuple[list[Status], list[Rejection]]:
    """The statuses in `messages`, in order, and what cannot be taken. Nothing raises, whatever the bytes."""
    found: list[Status] = []
    rejections: list[Rejection] = []
    for message in messages:
        status = _status(message, registry)
        if isinstance(status, Refusal):
            rejections.append(payload.rejection(message, status))
        else:
            found.append(status)
    return found, rejections


def _status(message: Message, registry: Registry) -> Status | Refusal:
    if message.gateway not in registry.gateways:
        return Refusal(Reason.UNKNOWN_GATEWAY, f"gateway {message.gateway} is not registered")
    item = payload.load(message)
    if isinstance(item, Refusal):
        return item
    if not isinstance(item, dict):
        return Refusal(Reason.WRONG_TYPE, "a status must be an object")
    state = item.get("state")
    if not isinstance(state, str) or state not in STATES:
        return Refusal(Reason.WRONG_TYPE, "state: expected online or offline")
    ts_us = value.microseconds(item["ts"]) if "ts" in item else message.received_us
    if isinstance(ts_us, Refusal):
        return ts_us
    if not event.EARLIEST_US <= ts_us <= message.received_us + event.AHEAD_US:
        ts_us = message.received_us  # as for events, time refuses nothing
    return Status(message.gateway, state, ts_us, message.received_us)


def latest(found: Sequence[Status]) -> list[Status]:
    """The last status of each gateway, in the order of their codes."""
    by_gateway = {status.gateway: status for status in found}
    return [by_gateway[gateway] for gateway in sorted(by_gateway)]
