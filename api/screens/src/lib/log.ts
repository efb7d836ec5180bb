/** The command room's log as it is shown. Pure. */

/** What was open when the watch was handed over, as codes. */
export interface OpenMatters {
  as_of: string;
  incidents: { id: string; kind: string; severity: number; drill: boolean; verification: string; place: string | null; opened_at: string }[];
  off_duty: string[];
  demoted: string[];
  no_screen: string[];
  blackouts: { id: string; noun: string; code: string; until: string; fire: boolean }[];
  closures: string[];
}

export interface Entry {
  id: number;
  at: string;
  by: string;
  name: string;
  kind: "entry" | "handover" | "correction";
  text: string;
  incident: string | null;
  taken_by: string | null;
  corrects: number | null;
  matters: OpenMatters | null;
}

/** By local day, the newest first; `at` is a moment of the day. */
export function byDay(entries: readonly Entry[]): { at: string; entries: Entry[] }[] {
  const days: { at: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const last = days.at(-1);
    if (last !== undefined && new Date(last.at).toDateString() === new Date(entry.at).toDateString()) last.entries.push(entry);
    else days.push({ at: entry.at, entries: [entry] });
  }
  return days;
}
