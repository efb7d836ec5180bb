/** Orders and incidents for tests. */
import type { Incident, Order, OrderState } from "../src/lib/contract";

export const T0 = Date.parse("2025-11-21T12:00:00.000Z");
export const at = (seconds: number): string => new Date(T0 + seconds * 1_000).toISOString();

export function order(over: Partial<Order> = {}): Order {
  return {
    id: "O-000001",
    incident: "I-000001",
    recipient: "station:ST-01",
    state: "delivered",
    kind: "respond",
    priority: 1,
    drill: false,
    late: false,
    place: { code: "P-1", name: "丰浦商务中心", address: "金华路12号", floor: 12, room: "1203", lon: 120, lat: 30 },
    grid: [],
    alarms: [],
    eta_s: 118,
    eta_method: "roads",
    reason: "soonest",
    deadlines: { acknowledge_by: at(60), turn_out_by: at(60), arrive_by: at(180), support_by: at(300) },
    history: [
      { event: "drafted", at: at(0), by: "soonest" },
      { event: "sent", at: at(0.01), by: null },
      { event: "delivered", at: at(0.05), by: "station:ST-01" },
    ],
    drafted_at: at(0),
    ...over,
  };
}

/** The same order after `event` at `seconds`. */
export function after(before: Order, event: OrderState, seconds: number): Order {
  return { ...before, state: event, history: [...before.history, { event, at: at(seconds), by: before.recipient }] };
}

export function incident(over: Partial<Incident> = {}): Incident {
  const first = order();
  return {
    id: "I-000001",
    state: "open",
    severity: 2,
    kind: "fire",
    source: "device",
    place: first.place,
    grid: [],
    drill: false,
    verification: "unverified",
    opened_at: at(0),
    closed_at: null,
    verdict: null,
    alarms: [],
    orders: [first],
    ...over,
  };
}
