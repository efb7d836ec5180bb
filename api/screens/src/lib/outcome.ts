/** What it was and what became of it: causes by verdict, and the members of a real fire's report (docs/websocket.md). */
import type { Incident, Verdict } from "./contract";

const FALSE_CAUSES = ["cooking", "steam", "dust", "insects", "fault", "works", "other", "unknown"];
const FIRE_CAUSES = [
  "electrical", "open_flame", "smoking", "cooking", "e_bike", "works", "playing", "arson", "spontaneous", "lightning", "other", "unknown",
];
const DANGER_CAUSES = ["leakage", "overload", "short_circuit", "poor_contact", "insulation", "equipment", "other", "unknown"];

export const COUNTS = ["dead", "injured", "rescued", "evacuated"] as const;
export const CODES = {
  put_out_by: ["station", "unit", "brigade", "occupants", "sprinkler", "itself"],
  handed_over_to: ["brigade", "police", "unit", "occupants", "community"],
} as const;
export const TIMES = ["watched_until", "returned_at"] as const;

const likeFire = (kind: string): boolean => kind === "fire" || kind === "manual";

/** The causes that may go with the verdict; none for a test and what was unfounded. */
export function causes(kind: string, verdict: Verdict): readonly string[] {
  if (verdict === "false" || (verdict === "real" && kind === "maintenance")) return FALSE_CAUSES;
  if (verdict !== "real") return [];
  return likeFire(kind) ? FIRE_CAUSES : DANGER_CAUSES;
}

/** Whether a fire's report is asked for: casualties, area, who put it out. */
export function isReported(incident: Pick<Incident, "kind">, verdict: Verdict | null): boolean {
  return verdict === "real" && likeFire(incident.kind);
}

/** What a form holds: texts as typed, empty where nothing was said. */
export type Typed = Record<string, string>;

/** The typed as the server takes it; what was left empty is not said. Local times become instants. */
export function said(typed: Typed): Record<string, number | string> {
  const out: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(typed)) {
    const text = String(value ?? "").trim();
    if (text === "") continue;
    if ((COUNTS as readonly string[]).includes(name) || name === "area_m2") out[name] = Number(text);
    else if ((TIMES as readonly string[]).includes(name)) out[name] = new Date(text).toISOString();
    else out[name] = text;
  }
  return out;
}

/** An outcome as a form shows it; instants as local times of the form `2026-11-28T17:05`. */
export function typed(outcome: Record<string, unknown> | null | undefined): Typed {
  const shown: Typed = {};
  for (const [name, value] of Object.entries(outcome ?? {})) {
    shown[name] = (TIMES as readonly string[]).includes(name) ? localMinute(String(value)) : String(value);
  }
  return shown;
}

export function localMinute(at: string | number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Only what `now` says otherwise than `before`: a report that is completed repeats nothing. */
export function changed(before: Typed, now: Typed): Typed {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => String(value ?? "").trim() !== (before[name] ?? "")));
}
