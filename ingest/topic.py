"""Topics of CONTRACT section 1: `<prefix>/{gateway}/{channel}`, and those FireGrid itself publishes on."""

from dataclasses import dataclass
from enum import StrEnum

from devices.model import CODE


class Channel(StrEnum):
    """What a gateway publishes."""

    TELEMETRY = "telemetry"
    EVENT = "event"
    STATUS = "status"
    REPLY = "reply"


_CHANNELS = {channel.value: channel for channel in Channel}


@dataclass(frozen=True, slots=True)
class Topic:
    """Who published, and what."""

    gateway: str
    channel: Channel


def parse(prefix: str, topic: str) -> Topic | None:
    """The gateway and channel of `topic`; None when it is not a gateway's topic under `prefix`."""
    head, _, tail = topic.rpartition("/")
    above, _, gateway = head.rpartition("/")
    channel = _CHANNELS.get(tail)
    if channel is None or above != prefix or CODE.fullmatch(gateway) is None:
        return None
    return Topic(gateway, channel)


def filters(prefix: str, channel: Channel) -> str:
    """The subscription that matches `channel` of every gateway."""
    return f"{prefix}/+/{channel}"


def of(prefix: str, gateway: str, channel: Channel) -> str:
    """Where one gateway publishes `channel`."""
    return f"{prefix}/{gateway}/{channel}"


def rejected(prefix: str, gateway: str) -> str:
    """Where a gateway is told what was refused."""
    return f"{prefix}/{gateway}/rejected"


def signals(prefix: str) -> str:
    """Where signals are published for the desk."""
    return f"{prefix}/_/signals"


def watch(prefix: str) -> str:
    """Where the desk keeps the set of watched devices, retained."""
    return f"{prefix}/_/watch"


def pulse(prefix: str, client: str) -> str:
    """Where the session `client` publishes to itself."""
    return f"{prefix}/_/pulse/{client}"
