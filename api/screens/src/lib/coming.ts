/** Who is coming, and where they may be: by the share of their time that has passed, along the way they are to take. Pure. */
import type { Incident, Order, Station } from "./contract";
import { isEnded, when, whom } from "./orders";

export type Point = [lon: number, lat: number];

export interface Crew {
  order: string;
  incident: string;
  station: string;
  from: Point;
  to: Point;
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

/** The way a crew takes as far as it is known: by the streets, else straight. */
export function lineOf(crew: Pick<Crew, "from" | "to">, way: { line: Point[] } | null): Point[] {
  return way !== null && way.line.length > 1 ? way.line : [crew.from, crew.to];
}

/** The point at this share (0 to 1) of the line's length. */
export function along(line: readonly Point[], share: number): Point {
  const east = Math.cos(((line[0] as Point)[1] * Math.PI) / 180);
  const lengths = line.slice(1).map(([lon, lat], i) => {
    const [x, y] = line[i] as Point;
    return Math.hypot((lon - x) * east, lat - y);
  });
  let left = lengths.reduce((sum, one) => sum + one, 0) * Math.min(1, Math.max(0, share));
  for (const [i, length] of lengths.entries()) {
    if (left > length) {
      left -= length;
      continue;
    }
    const [[x, y], [lon, lat]] = [line[i] as Point, line[i + 1] as Point];
    const part = length === 0 ? 0 : left / length;
    return [x + (lon - x) * part, y + (lat - y) * part];
  }
  return line.at(-1) as Point;
}

/** Whose ways are asked for, at most `most`: first those of the chosen incident, then of those who have left. */
export function worthWays(crews: readonly Crew[], chosen: string | null, most: number): string[] {
  const rank = (one: Crew) => (one.incident === chosen ? 0 : one.state === "out" ? 1 : one.state === "answered" ? 2 : 3);
  return [...crews]
    .filter(({ state }) => state !== "there")
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, most)
    .map(({ order }) => order);
}
