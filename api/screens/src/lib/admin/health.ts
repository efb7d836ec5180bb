/** Figures of a part's state, in words. Pure. */
import { ago, moment } from "../format";
import { say, type Language } from "../strings";

export type State = "well" | "watch" | "wrong" | "unknown";

export interface Part {
  part: string;
  state: State;
  code: string;
  values: Record<string, unknown>;
}

const ORDER: readonly State[] = ["wrong", "watch", "unknown", "well"];

/** The parts with what wants a person on top, else in the order that they came. */
export function gravest(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** What goes into a part's sentence: sizes in GiB, times as how long ago, the rest as it is. `at` is when it was read. */
export function figures(language: Language, values: Record<string, unknown>, at: string): Record<string, string | number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, figure(language, name, value, at)]));
}

function figure(language: Language, name: string, value: unknown, at: string): string | number {
  if (name === "bytes" || name === "free") return size(Number(value));
  if (name === "now") return moment(language, String(value), Date.parse(at));
  if (name === "at" || name === "heard_at") {
    return value === null ? say(language, "line.never") : ago(language, Date.parse(at) - Date.parse(String(value)));
  }
  if (value === null || value === undefined) return "—";
  return typeof value === "number" ? value : String(value);
}

export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  let left = bytes;
  while (left >= 1024 && step < units.length - 1) {
    left /= 1024;
    step += 1;
  }
  return `${left >= 100 || step === 0 ? Math.round(left) : left.toFixed(1)} ${units[step]}`;
}
