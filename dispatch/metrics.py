"""What the desk counts."""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from dispatch.facts.entry import Entry
from dispatch.facts.fact import OrderChanged, OrderDrafted
from dispatch.facts.order import DECLINE_REASONS, OrderEvent, OrderKind
from dispatch.state.state import Order, State
from dispatch.views import milestone

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
step_seconds = Histogram(
    "firegrid_order_step_seconds",
    "From an order's drafting to a step of it, exercises left out",
    ["step", "kind"],
    buckets=(0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 480, 600, 1200, 3600),
)
lapses = Counter("firegrid_orders_lapsed_total", "Orders nobody answered in time, exercises left out", ["kind"])
declines = Counter("firegrid_orders_declined_total", "Orders declined, exercises left out", ["kind", "reason"])
calls = Counter("firegrid_calls_tried_total", "Attempts at outgoing calls, by HTTP status or reason", ["outcome"])


_STEPS = {
    OrderEvent.DELIVER: "delivered",
    OrderEvent.ACKNOWLEDGE: "acknowledged",
    OrderEvent.TURN_OUT: "turned_out",
    OrderEvent.ARRIVE: "arrived",
    OrderEvent.CONTROL: "controlled",
    OrderEvent.CLOSE: "closed",
}


def count(entry: Entry, state: State) -> None:
    """The entry is counted, and what it says about orders; `state` has taken it in."""
    entries.labels(entry.content.kind).inc()
    for one in entry.content.facts:
        if isinstance(one, OrderDrafted):
            orders.labels(one.kind.value, one.reason).inc()
        elif isinstance(one, OrderChanged):
            _count_change(one, state.orders[one.order], entry.content.at)


def _count_change(one: OrderChanged, order: Order, at: datetime) -> None:
    kind, step = order.drafted.kind.value, _STEPS.get(one.event)
    if order.drafted.drill is not None:
        return
    if one.event is OrderEvent.LAPSE:
        lapses.labels(kind).inc()
    elif one.event is OrderEvent.DECLINE:
        # a screen may send any code; a label for each would have no bound
        known = order.decline_reason if order.decline_reason in DECLINE_REASONS else "other"
        declines.labels(kind, known).inc()
    elif step is not None and milestone.first(order, step) == at:
        step_seconds.labels(step, kind).observe((at - order.drafted_at).total_seconds())


def gauge(state: State) -> None:
    """What is open stands in the gauges."""
    open_alarms.set(len(state.on))
    open_incidents.set(sum(one.open for one in state.incidents.values()))
    kinds = [one.drafted.kind for one in state.open_orders()]
    for kind in OrderKind:
        open_orders.labels(kind.value).set(kinds.count(kind))
