"""What a lost connection had handed over and nobody had taken yet: the broker sends it again, unless it has forgotten.

A broker that resumes a session sends what was not acknowledged again, marked as a duplicate and before anything new
(MQTT 5, 4.4). One that was killed resumes the session as it last saved it: what it had handed on since is only here.
"""

from collections.abc import Iterable

from ingest.delivery import Delivery


class Leftovers:
    """Deliveries of QoS 1 of an earlier connection, in order of arrival."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str, bytes], Delivery] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, deliveries: Iterable[Delivery]) -> None:
        """These wait for the broker to send them again, behind those that wait already."""
        for delivery in deliveries:
            self._kept.setdefault((delivery.packet_id, delivery.topic, delivery.payload), delivery)

    def again(self, delivery: Delivery) -> None:
        """The broker has sent this; if it is one of those that wait, that one is not needed any more."""
        self._kept.pop((delivery.packet_id, delivery.topic, delivery.payload), None)

    def forgotten(self) -> list[Delivery]:
        """Those that still wait, now that the broker has sent again all it remembers; none wait any more.

        They can be stored, and never acknowledged: their ids are of an earlier connection.
        """
        found = list(self._kept.values())
        self._kept.clear()
        return found
