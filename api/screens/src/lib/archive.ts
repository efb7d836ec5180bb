/** What is looked for among open and past incidents: what the server is asked, and what of its answer fits. Pure. */
import type { Incident } from "./contract";
import { within } from "./scope";

export interface Wanted {
  standing: "" | "open" | "closed";
  kind: string;
  drill: "" | "false" | "true";
  /** A verdict, or `none`. */
  verdict: string;
  /** Local days, `2026-11-29`; the last is among them. Empty: any. */
  first: string;
  last: string;
  /** Where it began. */
  place: { code: string; name: string } | null;
  text: string;
}

export const ANY: Wanted = { standing: "", kind: "", drill: "", verdict: "", first: "", last: "", place: null, text: "" };
export const VERDICTS = ["real", "false", "unfounded", "test", "none"] as const;

/** From which moment and before which: the days in the browser's zone; null where nothing is said or it is no day. */
export function span({ first, last }: Pick<Wanted, "first" | "last">): [from: Date | null, to: Date | null] {
  const midnight = (day: string, days: number): Date | null => {
    const [year, month, date] = day.split("-").map(Number);
    if (!year || !month || !date || year < 1000) return null;
    return new Date(year, month - 1, date + days);
  };
  return [midnight(first, 0), midnight(last, 1)];
}

/** The list of past incidents to ask for; null where those that are open are all that is wanted. */
export function asked(wanted: Wanted, limit: number): string | null {
  if (wanted.standing === "open") return null;
  const [from, to] = span(wanted);
  const query = new URLSearchParams({ state: "closed", limit: String(limit) });
  if (wanted.drill) query.set("drill", wanted.drill);
  if (wanted.verdict) query.set("verdict", wanted.verdict);
  if (wanted.place !== null) query.set("place", wanted.place.code);
  if (from !== null) query.set("from", from.toISOString());
  if (to !== null) query.set("to", to.toISOString());
  return `/api/incidents?${query.toString()}`;
}

/** Whether the incident is one of those looked for, within the grids shown. */
export function fits(wanted: Wanted, inside: ReadonlySet<string> | null, one: Incident): boolean {
  const [from, to] = span(wanted);
  const at = Date.parse(one.opened_at);
  const words = wanted.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const told = `${one.id} ${one.place.name ?? ""} ${one.place.address ?? ""} ${one.place.code ?? ""} ${one.case_number ?? ""}`.toLowerCase();
  return (
    within(inside, one.grid) &&
    (wanted.standing === "" || one.state === wanted.standing) &&
    (wanted.kind === "" || one.kind === wanted.kind) &&
    (wanted.drill === "" || String(one.drill) === wanted.drill) &&
    (wanted.verdict === "" || (one.verdict ?? "none") === wanted.verdict) &&
    (wanted.place === null || one.place.code === wanted.place.code) &&
    (from === null || at >= from.getTime()) &&
    (to === null || at < to.getTime()) &&
    words.every((word) => told.includes(word))
  );
}

/** Whether anything is looked for in particular. */
export const isAny = (wanted: Wanted): boolean => (Object.keys(ANY) as (keyof Wanted)[]).every((one) => wanted[one] === ANY[one]);

/** What a spreadsheet takes for a formula is made text: a place's name is not to be run. */
function cell(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** A sheet of texts, a heading first (RFC 4180). */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
