"""Which slot reads which gateway, and when a slot may leave one to another without a message being lost.

Rendezvous hashing (Thaler and Ravishankar, 1998): each slot has a weight for each gateway, the heaviest one reads it.
A new slot takes its share evenly from all; nothing else moves.

Nobody leaves a gateway before the slot that is to read it says that the broker has its subscription. That is safe
even while workers know different slots: a slot knows of itself, so it leaves a gateway only to a heavier one, and the
heaviest of all that read it has nobody to leave it to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from ingest import topic
from ingest.interest import Retained, Subscription
from ingest.topic import Channel

CHANNELS = (Channel.TELEMETRY, Channel.STATUS)
"""What is divided; events go to everyone."""


@dataclass(frozen=True, slots=True)
class Division:
    """Gateways divided among `slots` (`owners`: gateway to slot), seen from the slot `own`, which is one of them.

    One slot reads all through the filters that match every gateway. With `group` every slot reads telemetry through
    the shared subscription of that name, and the first one status.
    """

    prefix: str
    own: int
    slots: Sequence[int]
    owners: Mapping[str, int]
    group: str | None = None

    def filters(self) -> frozenset[str]:
        """What the slot is to be subscribed to."""
        if len(self.slots) > 1 and self.group is None:
            mine = [gateway for gateway, slot in self.owners.items() if slot == self.own]
            return frozenset(topic.of(self.prefix, gateway, channel) for gateway in mine for channel in CHANNELS)
        everyone = [self._reader("", channel) for channel in CHANNELS]
        return frozenset(pattern for slot, pattern in everyone if slot == self.own)

    def leavable(self, filters: Iterable[str], held: Mapping[int, frozenset[str]]) -> list[str]:
        """Those of `filters`, none of them to be subscribed to any more, that nothing is lost by leaving.

        `held`: what the broker has confirmed to each slot, this one included.
        """
        found = []
        for pattern in filters:
            gateway, channel = _matches(pattern)
            gateways = self.owners if gateway == "+" else self.owners.keys() & {gateway}
            if all(self._is_read(each, channel, held) for each in gateways):
                found.append(pattern)
        return found

    def _is_read(self, gateway: str, channel: Channel, held: Mapping[int, frozenset[str]]) -> bool:
        slot, pattern = self._reader(gateway, channel)
        return pattern in held.get(slot, ())

    def _reader(self, gateway: str, channel: Channel) -> tuple[int, str]:
        """The slot that is to read this channel of this gateway, and through which filter."""
        if self.group is not None:
            shared = channel is Channel.TELEMETRY
            every = topic.filters(self.prefix, channel)
            return (self.own, f"$share/{self.group}/{every}") if shared else (min(self.slots), every)
        if len(self.slots) == 1:
            return self.own, topic.filters(self.prefix, channel)
        return self.owners[gateway], topic.of(self.prefix, gateway, channel)


def owners(gateways: Sequence[str], slots: Sequence[int]) -> dict[str, int]:
    """The slot of `slots` that reads each of `gateways`."""
    if not gateways:
        return {}
    digests = b"".join(blake2b(gateway.encode(), digest_size=8).digest() for gateway in gateways)
    of_gateways, of_slots = np.frombuffer(digests, dtype="<u8"), np.array(slots, dtype=np.uint64)
    with np.errstate(over="ignore"):
        weights = _mixed(of_gateways[:, None] + of_slots[None, :] * _GOLDEN)
    return dict(zip(gateways, (slots[each] for each in weights.argmax(axis=1).tolist()), strict=True))


_GOLDEN, _MIX = np.uint64(0x9E3779B97F4A7C15), (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's last steps (Steele, Lea and Flood, 2014), which map no two values to one: there are no ties."""
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


def subscription(pattern: str) -> Subscription:
    """What the broker is asked for. Old readings are not wanted; a gateway's state, whenever it was said, is."""
    _, channel = _matches(pattern)
    return Subscription(pattern, retained=Retained.NEVER if channel is Channel.TELEMETRY else Retained.ALWAYS)


def _matches(pattern: str) -> tuple[str, Channel]:
    """The gateway a filter of this module matches, `+` for every one, and the channel."""
    *_, gateway, channel = pattern.split("/")
    return gateway, Channel(channel)
