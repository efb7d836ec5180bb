/** Periods and figures of the statistics room. Pure. */

export interface Spread {
  count: number;
  p50: number | null;
  p90: number | null;
}

export interface Met {
  due: number;
  met: number;
  rate: number | null;
}

/** A line of the sheet: a day, week, month, station or grid. */
export interface StatLine {
  key: string;
  from: string | null;
  to: string | null;
  alarms: number;
  incidents: number;
  fires: number;
  found_real: number;
  found_false: number;
  found_unfounded: number;
  false_alarm_rate: number | null;
  orders: number;
  lapsed: number;
  declined: number;
  acknowledged_p50_s: number | null;
  acknowledged_p90_s: number | null;
  turned_out_p50_s: number | null;
  turned_out_p90_s: number | null;
  first_arrival_count: number;
  first_arrival_p50_s: number | null;
  first_arrival_p90_s: number | null;
  minute_1_due: number;
  minute_1_met: number;
  minute_1_rate: number | null;
  minute_3_due: number;
  minute_3_met: number;
  minute_3_rate: number | null;
  minute_5_due: number;
  minute_5_met: number;
  minute_5_rate: number | null;
}

export interface Stats {
  from: string;
  to: string;
  by: string | null;
  alarms: Record<string, number>;
  incidents: {
    total: number;
    by_kind: Record<string, number>;
    by_verdict: Record<string, number>;
    by_cause: Record<string, number>;
    by_category: Record<string, number>;
    by_hour: Record<string, number> | number[];
    false_alarm_rate: number | null;
  };
  orders: { by_state: Record<string, number>; lapsed: Record<string, number>; declined: Record<string, number> };
  seconds: Record<string, Record<string, Spread>>;
  incident_seconds: Record<string, Spread>;
  one_three_five: Record<"minute_1" | "minute_3" | "minute_5", Met>;
  alarm_load: {
    raised: number;
    per_10_min: { mean: number | null; max: number };
    floods: { count: number; seconds: number };
    chattering: { alarms: number; times: number };
    stale: { became: number; at_end: number };
    most_frequent?: { device: string; count: number }[];
  };
  false_alarms: { days_over?: unknown[]; places_over?: unknown[] };
  coverage: { watched_minutes: number; grids: { grid: string | null; uncovered_minutes: number; place_minutes: number }[] };
  lines: StatLine[];
}

export const PERIODS = ["today", "week", "month", "days30", "last_month", "year"] as const;
export type PeriodName = (typeof PERIODS)[number];
export const PARTS = ["day", "week", "month", "station", "grid"] as const;
export type PartName = (typeof PARTS)[number];

/** From and up to which moment a period lasts, in the browser's zone; all but the last month end now. */
export function period(name: PeriodName, now: Date): [from: Date, to: Date] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const back = (days: number) => new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate() - days);
  switch (name) {
    case "today":
      return [midnight, now];
    case "week":
      return [back((midnight.getDay() + 6) % 7), now];
    case "month":
      return [new Date(now.getFullYear(), now.getMonth(), 1), now];
    case "days30":
      return [back(30), now];
    case "last_month":
      return [new Date(now.getFullYear(), now.getMonth() - 1, 1), new Date(now.getFullYear(), now.getMonth(), 1)];
    case "year":
      return [new Date(now.getFullYear(), 0, 1), now];
  }
}

/** A share in whole per cent, `—` where there is none. */
export function percent(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? "—" : `${Math.round(rate * 100)}%`;
}

/** Seconds as `m:ss`, `—` where nothing was counted. */
export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "—";
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Incidents found to be no fire. */
export const falseOf = (line: Pick<StatLine, "found_false" | "found_unfounded">): number => line.found_false + line.found_unfounded;

/** How many of each, most first. */
export function ranked(counts: Record<string, number>): [code: string, count: number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** Incidents by hour of the day, 24 numbers. */
export function hours(found: Stats["incidents"]["by_hour"]): number[] {
  return Array.from({ length: 24 }, (_, hour) => Number((found as Record<string, number>)[hour] ?? 0));
}

/** What a line of a period is called: 11-29, or 2026-11 for a month. */
export function keyOf(line: StatLine, by: PartName): string {
  return by === "month" ? line.key.slice(0, 7) : line.key.slice(5);
}

/** The names without the ending that more than half of them share: on a chart of stations that each is one goes without saying. */
export function brief(names: readonly string[]): string[] {
  const [shortest, longest] = [2, 12];
  for (let length = longest; length >= shortest; length -= 1) {
    const counts = new Map<string, number>();
    for (const name of names) if (name.length > length) counts.set(name.slice(-length), (counts.get(name.slice(-length)) ?? 0) + 1);
    const shared = [...counts].find(([, count]) => count > 1 && count > names.length / 2)?.[0];
    if (shared !== undefined) return names.map((name) => (name.length > length && name.endsWith(shared) ? name.slice(0, -length).trim() : name));
  }
  return [...names];
}
