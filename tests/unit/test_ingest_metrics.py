from dataclasses import dataclass

from prometheus_client import REGISTRY

from ingest import metrics


@dataclass
class Lane:
    name: str
    waiting: int
    sessions_lost: int


def value(metric: str, lane: str) -> float | None:
    return REGISTRY.get_sample_value(f"firegrid_ingest_{metric}", {"lane": lane})


def test_lanes_of_the_same_name_are_counted_together_while_they_are_at_work() -> None:
    own, adopted, other = Lane("one", 3, 1), Lane("one", 4, 2), Lane("two", 50, 0)
    with metrics.shown(own), metrics.shown(other):
        with metrics.shown(adopted):
            assert (value("pending_messages", "one"), value("sessions_lost", "one")) == (7, 3)
            own.waiting = 0
            assert value("pending_messages", "one") == 4
        assert (value("pending_messages", "one"), value("pending_messages", "two")) == (0, 50)
