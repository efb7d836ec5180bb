"""What the desk counts."""

from prometheus_client import Counter, Gauge, Histogram

from dispatch.entry import Entry
from dispatch.fact import OrderDrafted
from dispatch.order import OrderKind
from dispatch.state import State

entries = Counter("firegrid_ledger_entries_total", "Entries added to the ledger", ["kind"])
drained = Counter("firegrid_ledger_drained_total", "Entries written to the database")
undrained = Gauge("firegrid_ledger_undrained", "Entries in the journal that the database does not have yet")
database_connected = Gauge("firegrid_desk_database_connected", "1 while the desk's database connection works")
signals = Counter("firegrid_signals_decided_total", "Signals decided", ["came_by", "outcome"])
failed = Counter("firegrid_desk_failed_total", "Causes whose decision raised an error; each needs a person", ["kind"])
turn_seconds = Histogram(
    "firegrid_desk_turn_seconds",
    "From a cause taken up to its entry on disk",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
open_alarms = Gauge("firegrid_alarms_open", "Alarms that have not cleared")
open_incidents = Gauge("firegrid_incidents_open", "Incidents that are not closed")
open_orders = Gauge("firegrid_orders_open", "Orders that have not ended", ["kind"])
orders = Counter("firegrid_orders_drafted_total", "Orders drafted", ["kind", "reason"])
calls = Counter("firegrid_calls_tried_total", "Attempts at outgoing calls, by HTTP status or reason", ["outcome"])


def count(entry: Entry) -> None:
    """The entry and the orders it drafts are counted."""
    entries.labels(entry.content.kind).inc()
    for one in entry.content.facts:
        if isinstance(one, OrderDrafted):
            orders.labels(one.kind.value, one.reason).inc()


def gauge(state: State) -> None:
    """What is open stands in the gauges."""
    open_alarms.set(len(state.on))
    open_incidents.set(sum(one.open for one in state.incidents.values()))
    kinds = [one.drafted.kind for one in state.open_orders()]
    for kind in OrderKind:
        open_orders.labels(kind.value).set(kinds.count(kind))
