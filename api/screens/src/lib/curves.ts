/** The readings around an alarm as curves: which detectors, which quantities, where the line breaks, what is marked. Pure. */
import { when } from "./orders";
import type { Incident } from "./contract";

/** Shown before the alarm, and after the end of a closed incident. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 5 * 60_000;
/** A silence of more than so many intervals is a gap: nothing was measured, so nothing is drawn. */
const GAP = 2.5;
const DEVICES_AT_MOST = 6;
const LINES_AT_MOST = 8;
const PLOTS_AT_MOST = 6;

/** What tells of fire and of electrical danger, in this order; battery and signal tell of neither. */
const QUANTITIES = [
  "smoke_db_m", "smoke_pct_m", "temperature_c", "residual_ma", "cable_temperature_c", "arc_half_cycles", "current_a", "voltage_v", "power_w",
];

export interface Level {
  column: string;
  alarm: string;
  level: string;
  at_least: number | null;
  at_most: number | null;
}

export interface Detector {
  code: string;
  kind: "smoke" | "electrical";
  floor: number | null;
  room: string | null;
  interval_s?: number | null;
  levels?: Level[];
}

/** A reading as the server sends it: values by canonical name, lists with a value for each channel. */
export type Reading = { ts: string } & Record<string, unknown>;

/** Seconds of epoch, and the value; null where nothing was measured. */
export type Point = readonly [number, number | null];

export interface Curve {
  device: string;
  /** Of a quantity with several channels or phases, which; null of one value. */
  channel: number | null;
  alarming: boolean;
  points: Point[];
}

export interface Threshold {
  value: number;
  level: string;
  below: boolean;
}

export interface Plot {
  name: string;
  curves: Curve[];
  thresholds: Threshold[];
}

export interface Mark {
  at: number;
  kind: "alarm" | "acknowledged" | "confirmed" | "arrived" | "closed";
  device?: string;
}

const likely = (at: number, opened: number): boolean => Math.abs(at - opened) < 2 * 3_600_000;

/** What is drawn, milliseconds of epoch: from half an hour before the first alarm to now, or to just after the end. */
export function window(incident: Incident, now: number): [number, number] {
  const opened = Date.parse(incident.opened_at);
  // a device whose clock is far off must not stretch the picture over years
  const since = incident.alarms.map((alarm) => Date.parse(alarm.since)).filter((at) => likely(at, opened));
  const end = incident.closed_at === null ? now : Math.min(now, Date.parse(incident.closed_at) + AFTER_MS);
  return [Math.min(opened, ...since) - BEFORE_MS, end];
}

/** The detectors to draw: those in alarm, first alarm first, then their neighbours of the same kind, nearest floor first. */
export function chosen(incident: Incident, near: readonly Detector[]): Detector[] {
  const order = [...incident.alarms].sort((a, b) => Date.parse(a.since) - Date.parse(b.since)).map(({ device }) => device);
  const alarming = [...new Set(order)].flatMap((code) => near.find((one) => one.code === code) ?? []);
  const kinds = new Set(alarming.map(({ kind }) => kind));
  const floor = alarming[0]?.floor ?? incident.place.floor ?? 0;
  const away = (one: Detector) => Math.abs((one.floor ?? floor) - floor);
  const others = near
    .filter((one) => !order.includes(one.code) && (kinds.size === 0 || kinds.has(one.kind)))
    .sort((a, b) => away(a) - away(b) || a.code.localeCompare(b.code));
  return [...alarming.slice(0, DEVICES_AT_MOST - (others.length > 0 ? 1 : 0)), ...others].slice(0, DEVICES_AT_MOST);
}

/** The quantities measured by these detectors, each with a curve for every detector and channel. */
export function plots(incident: Incident, detectors: readonly Detector[], readings: ReadonlyMap<string, readonly Reading[]>): Plot[] {
  const alarming = new Set(incident.alarms.map(({ device }) => device));
  const first = incident.alarms.flatMap(({ unit_of }) => (unit_of ? [canonical(unit_of)] : []));
  const names = [...new Set([...first, ...QUANTITIES])];
  const made = names.map((name) => {
    const curves = detectors.flatMap((one) => curvesOf(one, readings.get(one.code) ?? [], name, alarming.has(one.code)));
    return { name, curves: curves.slice(0, LINES_AT_MOST), thresholds: thresholds(detectors, name) };
  });
  return made.filter(({ curves }) => curves.length > 0).slice(0, PLOTS_AT_MOST);
}

/** `current_l2_a` is of `current_a`, `cable_temperature_3_c` of `cable_temperature_c`. */
export function canonical(column: string): string {
  return column.replace(/_l?\d_(?=[a-z]+$)/, "_");
}

function curvesOf(detector: Detector, readings: readonly Reading[], name: string, alarming: boolean): Curve[] {
  const channels = new Map<number | null, [number, number | null][]>();
  for (const reading of readings) {
    const value = reading[name];
    const listed = Array.isArray(value);
    const values: unknown[] = listed ? value : [value];
    values.forEach((one, i) => {
      if (typeof one !== "number") return;
      const key = listed ? i + 1 : null;
      channels.set(key, [...(channels.get(key) ?? []), [Date.parse(reading.ts) / 1_000, one]]);
    });
  }
  return [...channels].map(([channel, points]) => ({
    device: detector.code,
    channel,
    alarming,
    points: gapped(points, detector.interval_s ?? 60),
  }));
}

/** The points with a null in each silence: a line must not be drawn over time in which nothing was measured. */
export function gapped(points: readonly Point[], interval_s: number): Point[] {
  const spacing = points.slice(1).map(([at], i) => at - (points[i]?.[0] ?? at)).sort((a, b) => a - b);
  const usual = Math.max(interval_s, spacing[Math.floor(spacing.length / 2)] ?? 0);
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    const silent = before !== undefined && point[0] - before[0] > GAP * usual;
    return silent ? [[(before[0] + point[0]) / 2, null] as const, point] : [point];
  });
}

/** One axis of time for all curves: undefined where a curve has no point then, null where it has a gap. */
export function aligned(curves: readonly Curve[]): [number[], ...(number | null | undefined)[][]] {
  const times = [...new Set(curves.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const place = new Map(times.map((at, i) => [at, i]));
  const columns = curves.map(({ points }) => {
    const column = new Array<number | null | undefined>(times.length).fill(undefined);
    for (const [at, value] of points) column[place.get(at) as number] = value;
    return column;
  });
  return [times, ...columns];
}

function thresholds(detectors: readonly Detector[], name: string): Threshold[] {
  const found = new Map<string, Threshold>();
  for (const level of detectors.flatMap(({ levels }) => levels ?? [])) {
    if (canonical(level.column) !== name) continue;
    for (const [value, below] of [[level.at_least, false], [level.at_most, true]] as const) {
      if (value !== null) found.set(`${value} ${below} ${level.level}`, { value, below, level: level.level });
    }
  }
  return [...found.values()];
}

/** The moments to mark: each detector's alarm, the first answer and arrival of a crew, the confirmation, the end. */
export function marks(incident: Incident): Mark[] {
  const opened = Date.parse(incident.opened_at);
  const crews = incident.orders.filter(({ kind }) => kind === "respond");
  const first = (event: string, orders = crews): Mark[] => {
    const at = orders.flatMap((order) => when(order, event) ?? []).map((text) => Date.parse(text));
    const kind = event === "fire_confirmed" ? "confirmed" : (event as Mark["kind"]);
    return at.length === 0 ? [] : [{ at: Math.min(...at), kind }];
  };
  const alarms = incident.alarms
    .map((alarm): Mark => ({ at: Date.parse(alarm.since), kind: "alarm", device: alarm.device }))
    .map((mark) => (likely(mark.at, opened) ? mark : { ...mark, at: opened }));
  const end: Mark[] = incident.closed_at === null ? [] : [{ at: Date.parse(incident.closed_at), kind: "closed" }];
  const told = [...first("acknowledged"), ...first("fire_confirmed", incident.orders), ...first("arrived"), ...end];
  return [...alarms.slice(0, 6), ...told].sort((a, b) => a.at - b.at);
}
