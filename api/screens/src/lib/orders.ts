/** What is decided about orders on a screen: which is newer, which comes first, what may be pressed. */
import type { Action, Incident, Order, OrderKind, OrderState } from "./contract";

const ENDED: ReadonlySet<OrderState> = new Set(["closed", "declined", "lapsed", "cancelled"]);
const WAITING: ReadonlySet<OrderState> = new Set(["drafted", "sent", "delivered"]);
const CREW: readonly OrderState[] = ["acknowledged", "turned_out", "arrived", "controlled"];

export const isEnded = (order: Order): boolean => ENDED.has(order.state);
/** Nobody has pressed yet: this is what the siren is for. */
export const isWaiting = (order: Order): boolean => WAITING.has(order.state);
/** Somebody has pressed and it is not over. */
export const isUnderWay = (order: Order): boolean => CREW.includes(order.state);

/** The order book after `order` came in. An order's history only grows, so a shorter one is an older tale. */
export function put(book: ReadonlyMap<string, Order>, order: Order): Map<string, Order> {
  const next = new Map(book);
  enter(next, order);
  return next;
}

/** The same on the book itself: for the many that come together. */
export function enter(book: Map<string, Order>, order: Order): void {
  const known = book.get(order.id);
  if (known === undefined || isNewer(order, known)) book.set(order.id, order);
}

function isNewer(order: Order, known: Order): boolean {
  const more = order.history.length - known.history.length;
  return more > 0 || (more === 0 && saidLast(order) >= saidLast(known));
}

/** When somebody of the crew last said whether they go: it stands in no history. */
function saidLast(order: Order): string {
  return order.members?.at(-1)?.at ?? "";
}

/** Of the orders that have ended all but the `kept` newest are let go: a screen runs for months. */
export function forget(book: Map<string, Order>, kept: number): void {
  const ended = [...book.values()].filter(isEnded);
  if (ended.length <= kept) return;
  ended.sort((a, b) => Date.parse(b.drafted_at) - Date.parse(a.drafted_at));
  for (const { id } of ended.slice(kept)) book.delete(id);
}

/** The same of incidents that are closed. */
export function forgetIncidents(book: Map<string, Incident>, kept: number): void {
  const closed = [...book.values()].filter(({ state }) => state === "closed");
  if (closed.length <= kept) return;
  const ended = ({ closed_at, opened_at }: Incident): number => Date.parse(closed_at ?? opened_at);
  closed.sort((a, b) => ended(b) - ended(a));
  for (const { id } of closed.slice(kept)) book.delete(id);
}

/** How long one is woken for an order that lapsed: nobody may have heard the first minute. */
const URGED_MS = 4 * 60_000;
/** A crew that has answered and is not out after so long is woken again. */
const TURN_OUT_MS = 60_000;

/** Whether the screen must sound for this order at `now` (milliseconds of epoch). */
export function urges(order: Order, now: number): boolean {
  if (order.state !== "lapsed") return isWaiting(order) || isStuck(order, now);
  // a crew that answered and did not leave lapsed later than one that never answered
  const since = Date.parse(latest(order, "acknowledged") ?? order.drafted_at);
  return now - since < URGED_MS;
}

/** Whether a crew has answered and not turned out in the time it was given (a minute where none is said). */
export function isStuck(order: Order, now: number): boolean {
  if (order.kind !== "respond" || order.state !== "acknowledged") return false;
  const answered = Date.parse(latest(order, "acknowledged") ?? order.drafted_at);
  const due = Date.parse(order.deadlines.turn_out_by ?? "");
  return now >= (due > answered ? due : answered + TURN_OUT_MS);
}

/** When the order's history last shows `event`; null if it does not. */
export function latest(order: Order, event: string): string | null {
  return order.history.findLast((entry) => entry.event === event)?.at ?? null;
}

/** The person who last pressed on the order; null while nobody said who they are. */
export function presser(order: Order): string | null {
  const by = order.history.findLast((entry) => entry.by?.startsWith("person:"))?.by ?? null;
  return by === null ? null : by.slice("person:".length);
}

/** The most urgent first: unanswered before answered, what has lapsed last, then priority, real before drill, then the oldest. */
export function rank(orders: Iterable<Order>): Order[] {
  return [...orders].sort(
    (a, b) =>
      Number(isWaiting(b)) - Number(isWaiting(a)) ||
      Number(a.state === "lapsed") - Number(b.state === "lapsed") ||
      a.priority - b.priority ||
      Number(a.drill) - Number(b.drill) ||
      Date.parse(a.drafted_at) - Date.parse(b.drafted_at),
  );
}

/** How long a lapsed order, which may still be acknowledged late, stays in front of the crew. */
const LAPSED_SHOWN_MS = 10 * 60_000;

/** Whether a screen must go on offering this order at `now` (milliseconds of epoch). */
export function isShown(order: Order, now: number): boolean {
  if (order.state === "lapsed") return now - Date.parse(order.drafted_at) < LAPSED_SHOWN_MS;
  return !isEnded(order);
}

const STEPS: Record<OrderKind, readonly { action: Action; becomes: OrderState }[]> = {
  respond: [
    { action: "acknowledge", becomes: "acknowledged" },
    { action: "turn_out", becomes: "turned_out" },
    { action: "arrive", becomes: "arrived" },
    { action: "control", becomes: "controlled" },
    { action: "close", becomes: "closed" },
  ],
  attend: [
    { action: "acknowledge", becomes: "acknowledged" },
    { action: "arrive", becomes: "arrived" },
    { action: "close", becomes: "closed" },
  ],
  rectify: [
    { action: "acknowledge", becomes: "acknowledged" },
    { action: "arrive", becomes: "arrived" },
    { action: "close", becomes: "closed" },
  ],
  inform: [
    { action: "acknowledge", becomes: "acknowledged" },
    { action: "close", becomes: "closed" },
  ],
  verify: [
    { action: "acknowledge", becomes: "acknowledged" },
    { action: "close", becomes: "closed" },
  ],
};

const RANKING: readonly OrderState[] = ["drafted", "sent", "delivered", "acknowledged", "turned_out", "arrived", "controlled", "closed"];

/** The steps still ahead of this order, the next one first. */
export function stepsAhead(order: Order): { action: Action; becomes: OrderState }[] {
  const steps = STEPS[order.kind] ?? STEPS.inform;
  if (order.state === "lapsed") return steps.slice(0, 1);
  if (isEnded(order)) return [];
  const reached = RANKING.indexOf(order.state);
  const ahead = steps.filter((step) => RANKING.indexOf(step.becomes) > reached);
  // before the first press there is one question only: have you seen it?
  return isWaiting(order) ? ahead.slice(0, 1) : ahead;
}

/**
 * Whether CONTRACT section 3 lets `action` be pressed now. What a screen holds as `drafted` was sent, or it would not be
 * here: being sent and delivered causes no frame to the recipient itself.
 */
export function allows(order: Order, action: Action): boolean {
  switch (action) {
    case "acknowledge":
      return isWaiting(order) || order.state === "lapsed";
    case "decline":
      return isWaiting(order) || order.state === "acknowledged" || order.state === "turned_out";
    case "turn_out":
    case "arrive":
    case "control":
      return stepsAhead(order).some((step) => step.action === action);
    case "close":
      return (
        order.state === "arrived" ||
        order.state === "controlled" ||
        (order.kind !== "respond" && ["acknowledged", "turned_out"].includes(order.state))
      );
    case "confirm_fire":
    case "report_false":
    case "request_help":
      return isUnderWay(order) || (order.kind === "verify" && isWaiting(order));
    case "checklist":
      return (isUnderWay(order) && order.kind === "attend") || (order.kind === "verify" && (isWaiting(order) || isUnderWay(order)));
    case "report_brigade":
      return order.kind === "verify" && (isWaiting(order) || isUnderWay(order));
  }
}

/** Whether this word also answers the order: who verifies and says at once what it is must not be called again. */
export function settles(order: Order, action: Action): boolean {
  return order.kind === "verify" && isWaiting(order) && (action === "confirm_fire" || action === "report_false");
}

/** When the order's history first shows `event`; null if it does not. */
export function when(order: Order, event: string): string | null {
  return order.history.find((entry) => entry.event === event)?.at ?? null;
}

/** Milliseconds from being called to the first answer; null where nobody answered. */
export function answered(order: Order): number | null {
  const at = when(order, "acknowledged");
  return at === null ? null : Date.parse(at) - Date.parse(order.drafted_at);
}

/** The incidents after `incident` came in, told apart like orders: the longer tale is the newer. */
export function putIncident(book: ReadonlyMap<string, Incident>, incident: Incident): Map<string, Incident> {
  const next = new Map(book);
  enterIncident(next, incident);
  return next;
}

/** The same on the book itself. */
export function enterIncident(book: Map<string, Incident>, incident: Incident): void {
  const known = book.get(incident.id);
  if (known === undefined || length(incident) >= length(known)) book.set(incident.id, incident);
}

function length(incident: Incident): number {
  const told = incident.orders.reduce((sum, order) => sum + 1 + order.history.length, incident.alarms.length);
  return told + (incident.state === "closed" ? 1_000_000 : 0);
}

/** Incidents worst first: severity, real before drill, the newest of equals first. */
export function rankIncidents(incidents: Iterable<Incident>): Incident[] {
  // times as the server writes them, RFC 3339 in UTC with milliseconds, are in order as texts too
  const newer = (a: Incident, b: Incident) => (a.opened_at < b.opened_at ? 1 : a.opened_at > b.opened_at ? -1 : 0);
  return [...incidents].sort((a, b) => b.severity - a.severity || Number(a.drill) - Number(b.drill) || newer(a, b));
}

/** An incident's place in the order's scale of priorities (1 fire … 4 fault). */
export function priorityOf(incident: Pick<Incident, "kind">): number {
  return { fire: 1, manual: 1, electrical: 2, prealarm: 3 }[incident.kind] ?? 4;
}

/** How many crews were called and stand by it, are on the way (acknowledged or turned out), are there. */
export function crews(incident: Incident): { called: number; coming: number; there: number } {
  const responding = incident.orders.filter((order) => order.kind === "respond" && !isEnded(order));
  return {
    called: responding.length,
    coming: responding.filter(({ state }) => state === "acknowledged" || state === "turned_out").length,
    there: responding.filter(({ state }) => state === "arrived" || state === "controlled").length,
  };
}

/** More than so many in ten minutes are more than people can take in (ISA-18.2: over 10 alarms in 10 min is a flood). */
const FLOOD_ABOVE = 10;
const FLOOD_MS = 10 * 60_000;

/** How many orders came within the last ten minutes, where they are a flood; else 0. */
export function rush(orders: Iterable<Order>, now: number): number {
  let count = 0;
  for (const order of orders) if (now - Date.parse(order.drafted_at) < FLOOD_MS) count++;
  return count > FLOOD_ABOVE ? count : 0;
}

/** A recipient's kind and code, `station:ST-01` → `["station", "ST-01"]`. */
export function whom(recipient: string): [string, string] {
  const colon = recipient.indexOf(":");
  return colon < 0 ? ["", recipient] : [recipient.slice(0, colon), recipient.slice(colon + 1)];
}
