/** Duty checks (查岗) as a station's screen holds them: what waits, what was missed. */
import type { Check } from "./contract";

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

/** The check that somebody has to answer now; null where there is none. */
export function waiting(book: Checks): Check | null {
  return [...book.values()].findLast((check) => check.state === "open") ?? null;
}

/** The latest check of all, if it was missed and nobody has answered it since: it can still be answered, late. */
export function missed(book: Checks): Check | null {
  const last = [...book.values()].at(-1);
  return last?.state === "missed" && last.answered_at === null ? last : null;
}

function step(check: Check): number {
  return check.answered_at !== null ? 2 : check.state === "open" ? 0 : 1;
}
