/** Times, durations, floors and measured values in words. Pure: language and instants are parameters. */
import { isKey, say, type Language } from "./strings";

const LOCALE: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

/** A duration in words, such as "2 分 13 秒"; the two largest units. */
export function duration(language: Language, ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return say(language, "time.seconds", { s: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return say(language, "time.minutes", { m: minutes, s: seconds % 60 });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return say(language, "time.hours", { h: hours, m: minutes % 60 });
  return say(language, "time.days", { d: Math.floor(hours / 24), h: hours % 24 });
}

/** When the network was last heard, `silence` milliseconds ago; null: never yet. */
export function heard(language: Language, silence: number | null): string {
  if (silence === null) return say(language, "line.never");
  if (silence < 1_000) return say(language, "line.heard_now");
  return say(language, "line.heard", { time: duration(language, Math.floor(silence / 1_000) * 1_000) });
}

export function ago(language: Language, ms: number): string {
  return say(language, "time.ago", { time: duration(language, ms) });
}

/** Local wall time, `20:43:07`. */
export function clock(at: number | string): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

/** Local day, such as "2025年11月21日 星期五". */
export function day(language: Language, at: number | string): string {
  const date = new Date(at);
  const long = new Intl.DateTimeFormat(LOCALE[language], { year: "numeric", month: "long", day: "numeric" }).format(date);
  const weekday = new Intl.DateTimeFormat(LOCALE[language], { weekday: "long" }).format(date);
  return `${long} ${weekday}`;
}

/** Local wall time, with the day in front unless it is `now`'s. */
export function moment(language: Language, at: string, now: number): string {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return clock(at);
  const short = new Intl.DateTimeFormat(LOCALE[language], { month: "numeric", day: "numeric" }).format(date);
  return `${short} ${clock(at)}`;
}

export function floor(language: Language, number: number | null): string {
  if (number === null) return "";
  if (number < 0) return say(language, "place.basement", { floor: -number });
  return say(language, "place.floor", { floor: number });
}

/** Floor and room, as far as they are known. */
export function inside(language: Language, place: { floor?: number | null; room?: string | null }): string {
  const storey = floor(language, place.floor ?? null);
  if (!storey || !place.room) return storey || (place.room ?? "");
  return say(language, "place.inside", { floor: storey, room: place.room });
}

const UNITS: Record<string, string> = {
  db_m: "dB/m",
  pct_m: "%/m",
  c: "℃",
  pct: "%",
  v: "V",
  dbm: "dBm",
  ma: "mA",
  a: "A",
  w: "W",
};

export interface Measured {
  name: string;
  text: string;
}

/**
 * What an alarm's `value` says, as name and text with unit. `column` names it and carries the unit: `residual_ma`,
 * `cable_temperature_2_c`; without it the value's own members do.
 */
export function measured(language: Language, value: unknown, column: string | null = null): Measured[] {
  if (typeof value === "number" && column !== null) return [quantity(language, column, value, null)];
  if (typeof value === "number") return [{ name: say(language, "alarm.value"), text: number(value) }];
  if (typeof value === "string" && value !== "") return [{ name: say(language, "alarm.value"), text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => quantities(language, key, one));
}

function quantities(language: Language, key: string, value: unknown): Measured[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, i) => (typeof one === "number" ? [quantity(language, key, one, i + 1)] : []));
  }
  return typeof value === "number" ? [quantity(language, key, value, null)] : [];
}

function quantity(language: Language, key: string, value: number, index: number | null): Measured {
  const numbered = /^(.*)_(l?)(\d)_([a-z]+)$/.exec(key);
  if (numbered) {
    const [, base = "", line, n = "", unit = ""] = numbered;
    const plain = `${base}_${unit}`;
    const part = say(language, line ? "value.phase" : "value.channel", { n: line ? `L${n}` : n });
    return { name: `${name(language, plain)} ${part}`, text: withUnit(plain, value) };
  }
  const part = index === null ? "" : ` ${say(language, "value.channel", { n: index })}`;
  return { name: name(language, key) + part, text: withUnit(key, value) };
}

function name(language: Language, key: string): string {
  const known = `value.${key}`;
  return isKey(known) ? say(language, known) : key;
}

function withUnit(key: string, value: number): string {
  const named = unit(key);
  return named === "" ? number(value) : `${number(value)} ${named}`;
}

/** The unit that a value's canonical name ends in, such as mA for `residual_ma`; empty where it has none. */
export function unit(key: string): string {
  const suffix = Object.keys(UNITS)
    .filter((one) => key.endsWith(`_${one}`))
    .sort((a, b) => b.length - a.length)[0];
  return suffix === undefined ? "" : (UNITS[suffix] as string);
}

function number(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
}
