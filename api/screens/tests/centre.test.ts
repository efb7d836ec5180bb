import { describe, expect, test } from "vitest";
import { book, dial, search } from "../src/lib/book";
import type { TimelineEntry } from "../src/lib/contract";
import { learn, lines, sortOf, type Known } from "../src/lib/live";
import { byDay, type Entry } from "../src/lib/log";
import type { Contact, Post } from "../src/lib/outlook";
import { roster, type StationRoster } from "../src/lib/roster";
import { brief, hours, percent, period, ranked, seconds } from "../src/lib/stats";

describe("periods", () => {
  const now = new Date(2026, 10, 25, 14, 30); // a Wednesday

  test("begin at local midnight and end now, but for the month before", () => {
    expect(period("today", now)).toEqual([new Date(2026, 10, 25), now]);
    expect(period("week", now)).toEqual([new Date(2026, 10, 23), now]);
    expect(period("month", now)).toEqual([new Date(2026, 10, 1), now]);
    expect(period("days30", now)).toEqual([new Date(2026, 9, 26), now]);
    expect(period("last_month", now)).toEqual([new Date(2026, 9, 1), new Date(2026, 10, 1)]);
    expect(period("year", now)).toEqual([new Date(2026, 0, 1), now]);
  });

  test("a week begins on Monday, also on a Sunday", () => {
    expect(period("week", new Date(2026, 10, 29, 1))[0]).toEqual(new Date(2026, 10, 23));
  });
});

test("what was not counted is a dash, never a zero", () => {
  expect([percent(null), percent(0), percent(0.756)]).toEqual(["—", "0%", "76%"]);
  expect([seconds(null), seconds(0), seconds(59.6), seconds(185)]).toEqual(["—", "0:00", "1:00", "3:05"]);
  expect(ranked({ a: 1, b: 3, c: 0, d: 3 })).toEqual([["b", 3], ["d", 3], ["a", 1]]);
  expect(hours({ 3: 2 } as Record<string, number>)[3]).toBe(2);
  expect(hours({})).toHaveLength(24);
});

test("names on a chart lose the ending that most share, others stay", () => {
  expect(brief(["河西微型消防站", "正街微型消防站", "柳河专职队"])).toEqual(["河西", "正街", "柳河专职队"]);
  expect(brief(["甲", "乙"])).toEqual(["甲", "乙"]);
});

describe("live events", () => {
  const known = (): Known => ({ orders: new Map(), alarms: new Map() });
  const entry = (number: number, ...facts: Record<string, unknown>[]): TimelineEntry =>
    ({ entry: number, at: "2026-01-01T00:00:00.000Z", facts }) as unknown as TimelineEntry;

  test("know whose order it is from what passed by before", () => {
    const about = known();
    const first = [entry(1, { fact: "order_drafted", order: "O-1", incident: "I-1", recipient: "station:S", kind: "respond", reason: "soonest" })];
    learn(about, first);
    const [told] = lines([entry(2, { fact: "order_changed", order: "O-1", event: "acknowledge" })], about);
    expect(told).toMatchObject({ sort: "order", incident: "I-1", key: "story.order_changed", parts: { who: { who: "station:S" } } });
  });

  test("say duty checks, handovers and blackouts in words of their own", () => {
    const told = lines(
      [entry(1, { fact: "duty_check_missed", check: "Q-1", station: "S" }, { fact: "handed_over", station: "S", people: ["A", "B"] }, { fact: "blackout_ended", blackout: "B-1", by: "clock" })],
      known(),
    );
    expect(told.map(({ key, weight }) => [key, weight])).toEqual([
      ["live.check_missed", "warning"],
      ["live.handed_over", "strong"],
      ["live.blackout_ended", "plain"],
    ]);
    expect(told[1]?.parts["people"]).toEqual({ text: "2" });
  });

  test("leave out what nobody needs to see pass by, and show what they do not know", () => {
    const told = lines([entry(7, { fact: "awaited", kind: "x" }, { fact: "calling_planned", incident: "I-1" }, { fact: "something_new" })], known());
    expect(told.map(({ id, key }) => [id, key])).toEqual([["7.2", "story.other"]]);
  });

  test("are sorted by what they are about", () => {
    expect(["alarm_raised", "alarm_joined", "verdict_given", "order_changed", "duty_check_sent", "led"].map(sortOf)).toEqual([
      "alarm", "incident", "incident", "order", "duty", "other",
    ]); // prettier-ignore
  });
});

describe("the roster", () => {
  const hour = (at: number) => new Date(Date.UTC(2026, 0, 1, at)).toISOString();
  const now = Date.UTC(2026, 0, 1, 9);
  const one = (station: string, spans: [number, number, string[]][] | null, more: Partial<StationRoster> = {}): StationRoster => ({
    station, name: station, grid: "G", from: hour(0), until: hour(48), serving: ["X"], taken_over: null,
    spans: spans?.map(([from, until, people]) => ({ from: hour(from), until: hour(until), people })) ?? null,
    ...more,
  }); // prettier-ignore
  const post = (code: string, more: Partial<Post> = {}) => ({ code, on_duty: true, ...more }) as Post;

  test("says who is on now, until when, and who comes next", () => {
    const [line] = roster([one("S", [[0, 8, ["A"]], [8, 20, ["B"]], [20, 48, ["C"]]])], [post("S")], now);
    expect(line).toMatchObject({ people: ["B"], until: hour(20), gap: null, off: false });
    expect(line?.next?.people).toEqual(["C"]);
  });

  test("puts a station with nobody on shift first, then a gap to come", () => {
    const fine = one("A", [[0, 48, ["A"]]]);
    const coming = one("B", [[0, 20, ["B"]], [20, 48, []]]);
    const gone = one("C", [[0, 20, []], [20, 48, ["C"]]]);
    const told = roster([fine, coming, gone], [post("A"), post("B"), post("C", { on_duty: false })], now);
    expect(told.map(({ station, gap }) => [station, gap])).toEqual([["C", "now"], ["B", "coming"], ["A", null]]);
  });

  test("has no gap where somebody took over, nor where there is no roster", () => {
    const taken = one("S", [[0, 48, []]], { taken_over: { since: hour(8), until: hour(16), handed_by: null } });
    expect(roster([taken], [post("S", { people: ["Z"] })], now)[0]).toMatchObject({ gap: null, people: ["Z"], until: hour(16) });
    expect(roster([one("S", null)], [post("S")], now)[0]).toMatchObject({ gap: null, people: ["X"], until: null });
  });

  test("has bars that fill the time from beginning to end", () => {
    const [line] = roster([one("S", [[0, 12, ["A"]], [12, 48, []]])], [post("S")], now);
    expect(line?.bars.map(({ left, width, gap }) => [left, width, gap])).toEqual([[0, 0.25, false], [0.25, 0.75, true]]);
  });
});

describe("the phone book", () => {
  const places = {
    grids: [{ code: "G", name: "河西", level: 3 as const, parent: null, polygon: [] }],
    stations: [{ code: "ST", name: "河西站", kind: "community", phone: "000-101", grid: [{ code: "G", name: "河西", level: 3 }] }] as unknown as Post[],
    place: (code: string) => code,
  };
  const people: Contact[] = [
    { code: "P1", name: "示例甲", station: null, duties: [{ duty: "leader", scope: "G" }], phone: "000-001" },
    { code: "P2", name: "示例乙", station: "ST", duties: [], phone: "" },
  ];
  const listed = book(people, places, (duty) => ({ leader: "网格长", crew: "队员", community: "社区站" })[duty] ?? duty);

  test("is found by name, duty, place or telephone, in any order of words", () => {
    expect(search(listed, "河西 网格长").map(({ name }) => name)).toEqual(["示例甲"]);
    expect(search(listed, "000-101").map(({ name }) => name)).toEqual(["河西站"]);
    expect(search(listed, "队员").map(({ name }) => name)).toEqual(["示例乙"]);
    expect(search(listed, "")).toHaveLength(3);
  });

  test("has no telephone where none is registered, and dials digits alone", () => {
    expect(listed.find(({ code }) => code === "P2")?.phone).toBeNull();
    expect([dial("0512-6666 1234"), dial("+86 512 6666")]).toEqual(["tel:051266661234", "tel:+865126666"]);
  });
});

test("the log lies by local day, the newest first", () => {
  const entry = (id: number, at: Date) => ({ id, at: at.toISOString() }) as Entry;
  const told = byDay([entry(3, new Date(2026, 0, 2, 1)), entry(2, new Date(2026, 0, 2, 0)), entry(1, new Date(2026, 0, 1, 23))]);
  expect(told.map(({ entries }) => entries.map(({ id }) => id))).toEqual([[3, 2], [1]]);
});
