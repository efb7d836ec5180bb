/** Duty checks (查岗) as a station's screen holds them: what waits, what was missed. */
import type { Check, Order } from "./contract";

const KEPT = 20;

export type Checks = ReadonlyMap<string, Check>;

/** The book after `check` came in. Its state only goes on: open, missed, answered. */
export function putCheck(book: Checks, check: Check): Checks {
  const known = book.get(check.id);
  if (known !== undefined && step(known) > step(check)) return book;
  const next = new Map(book);
  next.delete(check.id); // the newest stands last
  next.set(check.id, check);
  for (const id of [...next.keys()].slice(0, Math.max(0, next.size - KEPT))) next.delete(id);
  return next;
}

/** The book after a welcome: `open` are all that wait, so others known as open wait no more. */
export function putOpen(book: Checks, open: Check[]): Checks {
  const waiting = new Set(open.map(({ id }) => id));
  const kept = [...book.values()].filter((check) => check.state !== "open" || waiting.has(check.id));
  return open.reduce(putCheck, new Map(kept.map((check) => [check.id, check])));
}

/** The check that somebody has to answer now; null where there is none, or somebody has `pressed` since it was sent. */
export function waiting(book: Checks, pressed = 0): Check | null {
  return [...book.values()].findLast((check) => check.state === "open" && isLater(check, pressed)) ?? null;
}

/** The latest check of all, if it was missed and nobody has answered it or `pressed` since: it can still be answered, late. */
export function missed(book: Checks, pressed = 0): Check | null {
  const last = [...book.values()].at(-1);
  return last?.state === "missed" && last.answered_at === null && isLater(last, pressed) ? last : null;
}

const isLater = (check: Check, pressed: number) => Date.parse(check.sent_at) > pressed;

const PRESSES = new Set([
  "acknowledged",
  "turned_out",
  "arrived",
  "controlled",
  "declined",
  "fire_confirmed",
  "reported_false",
  "help_requested",
]);

/** When somebody of the station last pressed on an order (milliseconds of epoch; 0: never): whoever does is there. */
export function pressedAt(orders: Iterable<Order>): number {
  let last = 0;
  for (const order of orders) {
    const press = order.history.findLast(({ event, by }) => PRESSES.has(event) && (by === order.recipient || by?.startsWith("person:")));
    if (press !== undefined) last = Math.max(last, Date.parse(press.at));
  }
  return last;
}

function step(check: Check): number {
  return check.answered_at !== null ? 2 : check.state === "open" ? 0 : 1;
}
