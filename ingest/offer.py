"""What a broker can do, as it says when it accepts a session (MQTT 5, 3.2.2.3), held against what the session needs."""

from collections.abc import Iterable
from dataclasses import dataclass

SHARED = "$share/"


@dataclass(frozen=True, slots=True)
class Offer:
    """The parts of a CONNACK that say what the broker does not do. `session_expiry_s` is None when it is as asked."""

    qos: int = 2
    wildcards: bool = True
    shared: bool = True
    retain: bool = True
    session_expiry_s: int | None = None

    def missing(self, filters: Iterable[str]) -> str:
        """Why these filters cannot be served at QoS 1, in words for a person; empty when they can."""
        wanted = list(filters)
        if self.qos < 1:
            return "the broker takes and gives messages at QoS 0 only, which may be lost"
        if not self.shared and any(each.startswith(SHARED) for each in wanted):
            return "the broker has no shared subscriptions: unset FIREGRID_INGEST_SHARED"
        if not self.wildcards and any("+" in each or "#" in each for each in wanted):
            return "the broker has no subscriptions with wildcards"
        return ""

    def less(self, session_expiry_s: int) -> dict[str, object]:
        """What works, but less well than with a session that outlives `session_expiry_s` and retained messages."""
        found: dict[str, object] = {}
        if self.session_expiry_s is not None and self.session_expiry_s < session_expiry_s:
            found["session_expiry_s"] = self.session_expiry_s
        if not self.retain:
            found["retain"] = False
        return found
