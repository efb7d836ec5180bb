/** Who is coming, and where they may be: by the share of their time that has passed, on the straight line. Pure. */
import type { Incident, Order, Station } from "./contract";
import { isEnded, when, whom } from "./orders";

export interface Crew {
  order: string;
  incident: string;
  station: string;
  from: [lon: number, lat: number];
  to: [lon: number, lat: number];
  /** Not yet answered, about to leave, on the way, there. */
  state: "called" | "answered" | "out" | "there";
  /** Share of the way covered, 0 to 1: an assumption from time passed and time expected, nobody has measured it. */
  progress: number;
  /** Milliseconds until it is expected; null where that is not known. */
  left: number | null;
}

/** A crew that should be there by now and has not said so is shown just short of it. */
const NOT_THERE = 0.96;

/** Crews of these incidents that have not ended, at `now` (milliseconds of epoch). */
export function coming(incidents: readonly Incident[], station: (code: string) => Station | undefined, now: number): Crew[] {
  return incidents.flatMap((incident) =>
    incident.orders.flatMap((order) => {
      const [kind, code] = whom(order.recipient);
      const home = kind === "station" && order.kind === "respond" && !isEnded(order) ? station(code) : undefined;
      return home === undefined ? [] : [crew(incident, order, home, now)];
    }),
  );
}

function crew(incident: Incident, order: Order, home: Station, now: number): Crew {
  const state = stateOf(order);
  const expected = expectedAt(order);
  return {
    order: order.id,
    incident: incident.id,
    station: home.code,
    from: [home.lon, home.lat],
    to: [order.place.lon, order.place.lat],
    state,
    progress: progress(order, state, expected, now),
    left: expected === null || state === "there" ? null : expected - now,
  };
}

function stateOf(order: Order): Crew["state"] {
  if (order.state === "arrived" || order.state === "controlled") return "there";
  if (order.state === "turned_out") return "out";
  return order.state === "acknowledged" ? "answered" : "called";
}

function expectedAt(order: Order): number | null {
  if (order.eta_at) return Date.parse(order.eta_at);
  return order.eta_s === null ? null : Date.parse(order.drafted_at) + order.eta_s * 1_000;
}

function progress(order: Order, state: Crew["state"], expected: number | null, now: number): number {
  if (state === "there") return 1;
  const left = when(order, "turned_out");
  if (state !== "out" || left === null) return 0;
  const start = Date.parse(left);
  if (expected === null || expected <= start) return NOT_THERE / 2;
  return Math.min(NOT_THERE, Math.max(0, (now - start) / (expected - start)));
}

/** The point at this share of the straight line. */
export function along(from: [number, number], to: [number, number], share: number): [number, number] {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
