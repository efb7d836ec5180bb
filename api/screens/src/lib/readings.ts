/** Readings of a detector, made ready to be looked at: the newest of each value, whether it rises, a line of the last minutes. Pure. */

/** As `GET /api/devices/{code}/readings` has it; its members besides these are measured values by name. */
export interface Reading {
  ts: string;
  received_at: string;
  [value: string]: unknown;
}

export type Trend = "rising" | "falling" | "steady";

export interface Gauge {
  /** Name of the value with its unit, `smoke_db_m`. */
  name: string;
  latest: number;
  at: string;
  trend: Trend;
  /** Instant in milliseconds and value, oldest first. */
  line: [number, number][];
}

/** What is shown first; what is not named here comes after, by name. */
const FIRST = ["smoke_db_m", "smoke_pct_m", "temperature_c", "residual_ma", "cable_temperature_c", "current_a", "voltage_v"];
const ASIDE = new Set(["seq", "rssi_dbm", "battery_v", "battery_pct", "count"]);
/** A change below this share of what was seen in the window is no trend. */
const STEADY = 0.1;

/** The gauges of a detector from its readings, oldest first; lists (one per channel) are told by their highest. */
export function gauges(readings: readonly Reading[]): Gauge[] {
  const lines = new Map<string, { at: string; value: number }[]>();
  for (const reading of readings) {
    for (const [name, value] of Object.entries(reading)) {
      const one = Array.isArray(value) ? highest(value) : value;
      if (typeof one !== "number" || ASIDE.has(name)) continue;
      const line = lines.get(name) ?? [];
      line.push({ at: reading.ts, value: one });
      lines.set(name, line);
    }
  }
  return [...lines]
    .map(([name, line]) => gauge(name, line))
    .sort((a, b) => place(a.name) - place(b.name) || a.name.localeCompare(b.name));
}

function gauge(name: string, line: { at: string; value: number }[]): Gauge {
  const last = line[line.length - 1] as { at: string; value: number };
  return {
    name,
    latest: last.value,
    at: last.at,
    trend: trend(line.map(({ value }) => value)),
    line: line.map(({ at, value }) => [Date.parse(at), value]),
  };
}

/** The last reading against the mean of the earlier half. */
export function trend(values: readonly number[]): Trend {
  if (values.length < 3) return "steady";
  const early = values.slice(0, Math.ceil(values.length / 2));
  const mean = early.reduce((sum, value) => sum + value, 0) / early.length;
  const change = (values[values.length - 1] as number) - mean;
  const scale = Math.max(...values.map(Math.abs), 1e-9);
  if (Math.abs(change) < STEADY * scale) return "steady";
  return change > 0 ? "rising" : "falling";
}

/** The line as an SVG path within `width` × `height`; empty for fewer than two readings. */
export function path(line: readonly [number, number][], width: number, height: number): string {
  if (line.length < 2) return "";
  const [from, to] = [line[0]![0], line[line.length - 1]![0]];
  const values = line.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => (to === from ? 0 : ((at - from) / (to - from)) * width);
  const y = (value: number) => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  return line.map(([at, value], i) => `${i === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
}

function highest(values: readonly unknown[]): number | undefined {
  const numbers = values.filter((value): value is number => typeof value === "number");
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

function place(name: string): number {
  const at = FIRST.findIndex((first) => name === first || name.startsWith(first.replace(/_[a-z]+$/, "_")));
  return at < 0 ? FIRST.length : at;
}
