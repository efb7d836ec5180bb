/** The duty roster as lines: who is on now and next, where nobody is, what needs a person. Pure. */
import type { Post } from "./outlook";

export interface RosterSpan {
  from: string;
  until: string;
  people: string[];
}

/** A station's shifts as the server tells them; `spans` null: no roster, always on duty. */
export interface StationRoster {
  station: string;
  name: string;
  grid: string;
  from: string;
  until: string;
  spans: RosterSpan[] | null;
  serving: string[];
  taken_over: { since: string; until: string; people?: string[]; handed_by: string | null } | null;
}

export interface RosterLine {
  key: string;
  height: number;
  station: string;
  name: string;
  /** Now on shift, and until when; null where nobody ever leaves. */
  people: string[];
  until: string | null;
  next: RosterSpan | null;
  /** A gap now, one to come, or none. */
  gap: "now" | "coming" | null;
  bars: { left: number; width: number; gap: boolean; people: string[]; from: string; until: string }[];
  off: boolean;
  demoted: boolean;
  check: Post["last_check"];
}

const HEIGHT = 5.2;

/** One line for each station, those with something wrong first. `now` in milliseconds of epoch. */
export function roster(found: readonly StationRoster[], posts: readonly Post[], now: number): RosterLine[] {
  const standing = new Map(posts.map((post) => [post.code, post]));
  return found.map((one) => line(one, standing.get(one.station), now)).sort((a, b) => trouble(b) - trouble(a) || (a.station < b.station ? -1 : 1));
}

function trouble(one: RosterLine): number {
  return Number(one.off) * 8 + Number(one.demoted) * 4 + Number(one.gap === "now") * 2 + Number(one.gap === "coming");
}

function line(one: StationRoster, post: Post | undefined, now: number): RosterLine {
  const [start, end] = [Date.parse(one.from), Date.parse(one.until)];
  const spans = one.spans ?? [{ from: one.from, until: one.until, people: one.serving }];
  const at = spans.findIndex(({ from, until }) => Date.parse(from) <= now && now < Date.parse(until));
  const current = spans[at];
  const empty = (span: RosterSpan | undefined) => one.spans !== null && span !== undefined && span.people.length === 0;
  const taken = one.taken_over !== null && now < Date.parse(one.taken_over.until) ? one.taken_over : null;
  return {
    key: one.station,
    height: HEIGHT,
    station: one.station,
    name: one.name,
    people: taken !== null ? (post?.people ?? current?.people ?? []) : (current?.people ?? []),
    until: taken?.until ?? (one.spans === null ? null : (current?.until ?? null)),
    next: spans[at + 1] ?? null,
    gap: empty(current) && taken === null ? "now" : spans.slice(at + 1).some(empty) ? "coming" : null,
    bars: spans.map((span) => ({
      left: (Date.parse(span.from) - start) / (end - start),
      width: (Date.parse(span.until) - Date.parse(span.from)) / (end - start),
      gap: empty(span),
      ...span,
    })),
    off: post !== undefined && !post.on_duty,
    demoted: post?.demoted ?? false,
    check: post?.last_check ?? null,
  };
}
