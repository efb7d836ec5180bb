"""What ingest counts (Prometheus)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import Counter, Gauge, Histogram

from ingest.batch import Batch
from ingest.spool import Spool
from ingest.transaction import Stored

received = Counter("firegrid_ingest_messages_total", "Messages taken from the broker", ["lane"])
readings_stored = Counter("firegrid_ingest_readings_stored_total", "Readings committed", ["kind"])
readings_repeated = Counter("firegrid_ingest_readings_repeated_total", "Readings that were stored before", ["kind"])
events_stored = Counter("firegrid_ingest_events_stored_total", "Events committed")
refused = Counter("firegrid_ingest_refused_total", "Items refused", ["reason"])
ignored = Counter("firegrid_ingest_ignored_members_total", "Members of items that mean nothing to FireGrid")
signals = Counter("firegrid_ingest_signals_total", "Signals published for the desk", ["lane"])
signals_unpublished = Counter(
    "firegrid_ingest_signals_unpublished_total", "Signals the broker did not take; the table has them"
)
sessions_lost = Gauge(
    "firegrid_ingest_sessions_lost", "Times since the start that the broker had forgotten the session", ["lane"]
)
batch_messages = Histogram(
    "firegrid_ingest_batch_messages",
    "Messages acknowledged together",
    ["lane"],
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000),
)
commit_seconds = Histogram(
    "firegrid_ingest_commit_seconds",
    "From a batch's start to its commit, of batches that did not go through the spool",
    ["lane"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
pending_messages = Gauge("firegrid_ingest_pending_messages", "Messages decoded and not yet durable", ["lane"])
batch_seconds = Histogram(
    "firegrid_ingest_batch_age_seconds",
    "From the arrival of a batch's first message to its acknowledgement",
    ["lane"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
receipt_lag = Gauge(
    "firegrid_ingest_receipt_lag_seconds", "From the oldest receipt in the last batch to when it was durable", ["lane"]
)
device_lag = Gauge(
    "firegrid_ingest_end_to_end_lag_seconds",
    "From when devices say they measured to when it was durable: nine tenths of the last batch are older",
    ["lane"],
)
spooled = Counter("firegrid_ingest_readings_spooled_total", "Readings that went through the spool", ["kind"])
spooled_batches = Counter("firegrid_ingest_batches_spooled_total", "Batches that went through the spool", ["spool"])
spool_seconds = Histogram(
    "firegrid_ingest_spool_seconds",
    "From a batch's start to its fsync in the spool",
    ["spool"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
spool_errors = Counter("firegrid_ingest_spool_errors_total", "Failures to write or read the spool", ["spool"])
_spool_batches = Gauge("firegrid_ingest_spool_waiting_batches", "Batches in the spool", ["spool"])
_spool_readings = Gauge("firegrid_ingest_spool_waiting_readings", "Readings in the spool", ["spool"])
_spool_bytes = Gauge("firegrid_ingest_spool_bytes", "What the spool takes on disk", ["spool"])
_spool_oldest = Gauge(
    "firegrid_ingest_spool_oldest_timestamp_seconds",
    "Receipt of the oldest batch in the spool; 0 when empty",
    ["spool"],
)
_spool_cut = Gauge(
    "firegrid_ingest_spool_cut_bytes", "Cut off an unfinished record when the spool was opened", ["spool"]
)
_spool_damaged = Gauge("firegrid_ingest_spool_damaged_files", "Damaged files of the spool kept aside", ["spool"])
listening = Gauge("firegrid_ingest_listening", "1 while every session hears everything, so that silence counts")
devices_offline = Gauge("firegrid_ingest_devices_offline", "Devices that are told offline")
gateways_offline = Gauge("firegrid_ingest_gateways_offline", "Gateways that are told offline")
clocks_off = Gauge("firegrid_ingest_clocks_off", "Devices whose clock is more than a minute off")
district_quiet = Gauge("firegrid_ingest_district_quiet", "1 while half of the devices are silent at once")
health_seconds = Histogram(
    "firegrid_ingest_health_seconds",
    "Writing who was heard, and deciding who is offline",
    buckets=(0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
rolled_until = Gauge(
    "firegrid_ingest_rolled_until_seconds", "Epoch seconds up to which minutes are rolled up", ["kind"]
)
rolled_again = Counter(
    "firegrid_ingest_rolled_again_total", "Hours of devices rolled up anew for late readings", ["kind"]
)
history_failures = Counter("firegrid_ingest_history_failures_total", "Failures of the runner of history; it goes on")
quarantine_bytes = Gauge("firegrid_ingest_quarantine_bytes", "Bytes that refused items take in the database")


class Shown(Protocol):
    """A lane as its metrics see it."""

    name: str

    @property
    def waiting(self) -> int:
        """Messages decoded and not yet durable."""
        ...

    @property
    def sessions_lost(self) -> int:
        """How often the broker had forgotten its session."""
        ...


@contextmanager
def shown(lane: Shown) -> Iterator[None]:
    """Meanwhile the lane is counted in; a worker that has adopted slots has several of the same name."""
    name = lane.name
    _shown.append(lane)
    pending_messages.labels(name).set_function(lambda: sum(each.waiting for each in _shown if each.name == name))
    sessions_lost.labels(name).set_function(lambda: sum(each.sessions_lost for each in _shown if each.name == name))
    try:
        yield
    finally:
        _shown.remove(lane)


_shown: list[Shown] = []


def watch_spool(name: str, spool: Spool) -> None:
    """What is in `spool` is shown under `name`."""
    _spool_batches.labels(name).set_function(lambda: spool.waiting.records)
    _spool_readings.labels(name).set_function(lambda: spool.waiting.readings)
    _spool_bytes.labels(name).set_function(lambda: spool.size)
    _spool_oldest.labels(name).set_function(lambda: spool.waiting.oldest_us / 1e6)
    _spool_cut.labels(name).set_function(lambda: spool.cut_bytes)
    _spool_damaged.labels(name).set_function(lambda: spool.damaged_files)


def forget_spool(name: str) -> None:
    """The spool is another worker's now."""
    for gauge in (_spool_batches, _spool_readings, _spool_bytes, _spool_oldest, _spool_cut, _spool_damaged):
        gauge.remove(name)


def count_stored(stored: Stored) -> None:
    """What a batch left in the database is counted."""
    for kind, count in stored.readings.items():
        readings_stored.labels(kind).inc(count)
    for kind, count in stored.repeats.items():
        readings_repeated.labels(kind).inc(count)
    events_stored.inc(stored.events)


def count_spooled(name: str, batch: Batch) -> None:
    """A batch that was spooled is counted."""
    spooled_batches.labels(name).inc()
    for kind, columns in batch.readings.items():
        spooled.labels(kind).inc(len(columns))
