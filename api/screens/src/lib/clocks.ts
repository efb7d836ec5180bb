/** The 1-3-5 clocks of an order: what was due when, what came when, and how it stands at `now`. */
import type { Incident, Order } from "./contract";
import { when } from "./orders";

export type Standing =
  /** still ahead, time left */
  | "running"
  /** still ahead, under a third of its time left */
  | "short"
  /** still ahead, time gone */
  | "overdue"
  /** done in time */
  | "met"
  /** done after its time */
  | "missed"
  /** the order ended or was passed over without it */
  | "off";

export interface Milestone {
  name: "acknowledge" | "turn_out" | "arrive" | "support";
  /** Milliseconds of epoch; null where the order sets none. */
  due: number | null;
  /** Milliseconds of epoch at which it happened; null if it has not. */
  done: number | null;
  /** Milliseconds until due (negative: since), or, once done, from drafting to done. */
  shown: number;
  standing: Standing;
}

const MARKS = [
  { name: "acknowledge", due: "acknowledge_by", event: "acknowledged" },
  { name: "turn_out", due: "turn_out_by", event: "turned_out" },
  { name: "arrive", due: "arrive_by", event: "arrived" },
] as const;

const OVER = new Set(["closed", "declined", "lapsed", "cancelled"]);

/** `now` in milliseconds of epoch on the server's clock. Milestones without a deadline and without a time are left out. */
export function milestones(order: Order, now: number): Milestone[] {
  const drafted = Date.parse(order.drafted_at);
  const reached = order.history.map((entry) => entry.event);
  const own = MARKS.flatMap(({ name, due: key, event }) => {
    const passed = OVER.has(order.state) || isPassed(event, reached);
    return milestone(name, drafted, instant(order.deadlines[key]), instant(when(order, event)), passed, now);
  });
  // support is other crews' arrival: this order can count down to it, but not tell that it failed
  const support = instant(order.deadlines.support_by);
  return [...own, ...milestone("support", drafted, support, null, OVER.has(order.state) || (support ?? 0) <= now, now)];
}

/** Nobody is expected any more: it is closed, was found to be no fire, or all crews were stood down or are back. */
export function isOver(incident: Incident): boolean {
  if (incident.state === "closed") return true;
  if (incident.verdict !== null && incident.verdict !== "real") return true;
  const crews = incident.orders.filter((order) => order.kind === "respond");
  return (incident.stood_down === true || incident.verdict !== null) && crews.every((order) => OVER.has(order.state));
}

/** When that was; null while somebody is still expected. */
function overAt(incident: Incident): number | null {
  if (!isOver(incident)) return null;
  const ends = incident.orders.map((order) => instant(order.history.at(-1)?.at)).filter((at) => at !== null);
  return instant(incident.closed_at) ?? instant(incident.judged_at) ?? Math.max(Date.parse(incident.opened_at), ...ends);
}

/** Milliseconds since the incident was opened; they stop when nobody is expected any more. */
export function incidentElapsed(incident: Incident, now: number): number {
  return Math.max(0, (overAt(incident) ?? now) - Date.parse(incident.opened_at));
}

/** The incident's 1-3-5: the first crew's answer, turnout and arrival, and the second crew's arrival as support. */
export function incidentMilestones(incident: Incident, now: number): Milestone[] {
  const crews = incident.orders.filter((order) => order.kind === "respond");
  if (crews.length === 0) return [];
  const opened = Date.parse(incident.opened_at);
  const passed = isOver(incident);
  const due = (key: (typeof MARKS)[number]["due"] | "support_by") =>
    earliest(crews.map((order) => instant(order.deadlines[key])), 0);
  const happened = (event: string, nth: number) => earliest(crews.map((order) => instant(when(order, event))), nth);
  return [
    ...MARKS.flatMap(({ name, due: key, event }) => {
      const later = ORDERED.slice(ORDERED.indexOf(event) + 1).some((next) => happened(next, 0) !== null);
      return milestone(name, opened, due(key), happened(event, 0), passed || later, now);
    }),
    ...milestone("support", opened, due("support_by"), happened("arrived", 1), passed, now),
  ];
}

function milestone(
  name: Milestone["name"],
  start: number,
  due: number | null,
  done: number | null,
  passed: boolean,
  now: number,
): Milestone[] {
  if (due === null && done === null) return [];
  const shown = done !== null ? done - start : (due as number) - now;
  return [{ name, due, done, shown, standing: standingAt(start, due, done, passed, now) }];
}

function earliest(instants: (number | null)[], nth: number): number | null {
  return instants.filter((at) => at !== null).sort((a, b) => a - b)[nth] ?? null;
}

/** Milliseconds since the order was drafted. */
export function elapsed(order: Order, now: number): number {
  return Math.max(0, now - Date.parse(order.drafted_at));
}

/** `m:ss`, or `h:mm:ss` from an hour on; the sign is the caller's. */
export function stopwatch(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Time left, rounded up: what shows 0:00 is over. */
export function timer(ms: number): string {
  return ms > 0 ? stopwatch(Math.ceil(ms / 1_000) * 1_000) : stopwatch(ms);
}

function standingAt(drafted: number, due: number | null, done: number | null, passed: boolean, now: number): Standing {
  if (done !== null) return due !== null && done > due ? "missed" : "met";
  if (passed || due === null) return "off";
  const left = due - now;
  if (left <= 0) return "overdue";
  return left < (due - drafted) / 3 ? "short" : "running";
}

const ORDERED = ["acknowledged", "turned_out", "arrived", "controlled", "closed"];

/** A later step makes an earlier one that was skipped moot. */
function isPassed(event: string, reached: string[]): boolean {
  const at = ORDERED.indexOf(event);
  return at >= 0 && reached.some((name) => ORDERED.indexOf(name) > at);
}

function instant(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}
