/** What a profile says, in words. Pure. */
import { say, isKey, type Key, type Language } from "../strings";

export interface Level {
  column: string;
  alarm: string;
  at_least: number | null;
  at_most: number | null;
  clear_below: number | null;
  clear_above: number | null;
  latching: boolean;
  level: string;
  delay_s: number | null;
}

const UNITS: [suffix: string, unit: string][] = [
  ["_db_m", " dB/m"],
  ["_pct_m", " %/m"],
  ["_dbm", " dBm"],
  ["_pct", " %"],
  ["_ma", " mA"],
  ["_c", " ℃"],
  ["_v", " V"],
  ["_a", " A"],
  ["_w", " W"],
];

export function unit(column: string): string {
  return UNITS.find(([suffix]) => column.endsWith(suffix))?.[1] ?? "";
}

/** A column's name: `cable_temperature_2_c` is the cable's temperature, channel 2. */
export function columnName(language: Language, column: string): string {
  const key = `value.${column}`;
  if (isKey(key)) return say(language, key);
  const numbered = /^(.*)_(l?)(\d)_([a-z]+)$/.exec(column);
  const base = numbered ? `value.${numbered[1]}_${numbered[4]}` : "";
  if (!numbered || !isKey(base)) return column;
  const part = numbered[2] ? say(language, "value.phase", { n: `L${numbered[3]}` }) : say(language, "value.channel", { n: numbered[3] as string });
  return `${say(language, base)} ${part}`;
}

/** One level as a sentence: what value raises which alarm, for how long, and when it is over. */
export function levelWords(language: Language, level: Level): string {
  const name = columnName(language, level.column);
  const with_ = (value: number) => `${value}${unit(level.column)}`;
  const parts: string[] = [];
  if (level.at_least !== null) parts.push(say(language, "profile.at_least", { name, value: with_(level.at_least) }));
  if (level.at_most !== null) parts.push(say(language, "profile.at_most", { name, value: with_(level.at_most) }));
  if (level.delay_s) parts.push(say(language, "profile.lasting", { s: level.delay_s }));
  const alarm = alarmName(language, level.alarm);
  parts.push(say(language, level.level === "prealarm" ? "profile.raises_pre" : "profile.raises", { alarm }));
  if (level.latching) parts.push(say(language, "profile.latching"));
  else if (level.clear_below !== null) parts.push(say(language, "profile.clear_below", { value: with_(level.clear_below) }));
  else if (level.clear_above !== null) parts.push(say(language, "profile.clear_above", { value: with_(level.clear_above) }));
  return parts.join(say(language, "profile.comma"));
}

export function alarmName(language: Language, code: string): string {
  const key = `alarm.${code}` as Key;
  return isKey(key) ? say(language, key) : code;
}
