"""What ingest counts (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

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
    "From a batch's start to its commit",
    ["lane"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
pending_messages = Gauge("firegrid_ingest_pending_messages", "Messages decoded and not yet durable", ["lane"])
