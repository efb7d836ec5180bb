import { describe, expect, test } from "vitest";
import type { Action, OrderState } from "../src/lib/contract";
import { allows, answered, crews, forget, forgetIncidents, isShown, isStuck, put, putIncident, rank, rankIncidents, settles, stepsAhead, urges, whom } from "../src/lib/orders";
import { after, at, incident, order, T0 } from "./orders";

const minute = (minutes: number) => T0 + minutes * 60_000;

describe("which is newer", () => {
  test("an older tale of an order does not undo a newer one", () => {
    const answered = after(order(), "acknowledged", 10);
    const book = put(put(new Map(), answered), order());
    expect(book.get("O-000001")?.state).toBe("acknowledged");
  });

  test("a tale of the same length replaces: its alarms may have grown", () => {
    const grown = order({ alarms: [{ kind: "fire", device: "SMK-1", since: at(0), value: null }] });
    expect(put(put(new Map(), order()), grown).get("O-000001")?.alarms).toHaveLength(1);
  });

  test("a closed incident is not opened again by a list read before", () => {
    const closed = incident({ state: "closed" });
    expect(putIncident(putIncident(new Map(), closed), incident()).get("I-000001")?.state).toBe("closed");
  });
});

describe("a page that runs for months", () => {
  test("keeps every open order and incident, and of those that ended the newest", () => {
    const orders = new Map(["a", "b", "c", "d"].map((id, i) => [id, order({ id, state: i === 0 ? "sent" : "closed", drafted_at: at(i) })]));
    forget(orders, 2);
    expect([...orders.keys()]).toEqual(["a", "c", "d"]);
    const closed = (id: string, seconds: number) => incident({ id, state: "closed", closed_at: at(seconds) });
    const incidents = new Map([incident({ id: "a" }), closed("late", 90), closed("first", 10), closed("b", 50)].map((one) => [one.id, one]));
    forgetIncidents(incidents, 2);
    expect([...incidents.keys()]).toEqual(["a", "late", "b"]);
    forgetIncidents(incidents, 2);
    expect(incidents.size).toBe(3);
  });
});

describe("which comes first", () => {
  test("unanswered before answered, what lapsed last, then priority, then real before drill, then the oldest", () => {
    const answered = after(order({ id: "answered" }), "acknowledged", 5);
    const drill = order({ id: "drill", drill: true });
    const electrical = order({ id: "electrical", priority: 2, drafted_at: at(-100) });
    const old = order({ id: "old", drafted_at: at(-50) });
    const young = order({ id: "young" });
    const lapsed = after(order({ id: "lapsed", drafted_at: at(-200) }), "lapsed", -140);
    const ranked = rank([lapsed, answered, electrical, drill, young, old]).map(({ id }) => id);
    expect(ranked).toEqual(["old", "young", "drill", "electrical", "answered", "lapsed"]);
  });

  test("incidents: the gravest first, a real one before a drill of the same severity", () => {
    const ids = rankIncidents([
      incident({ id: "drill", severity: 3, drill: true }),
      incident({ id: "small", severity: 1 }),
      incident({ id: "real", severity: 3 }),
    ]).map(({ id }) => id);
    expect(ids).toEqual(["real", "drill", "small"]);
  });
});

test("an order's answer took from the call to the first press; where nobody pressed there is none", () => {
  expect([answered(after(order(), "acknowledged", 42)), answered(order())]).toEqual([42_000, null]);
});

describe("what may be pressed", () => {
  const CREW: [OrderState, Action[]][] = [
    ["drafted", ["acknowledge"]],
    ["sent", ["acknowledge"]],
    ["delivered", ["acknowledge"]],
    ["acknowledged", ["turn_out", "arrive", "control", "close"]],
    ["turned_out", ["arrive", "control", "close"]],
    ["arrived", ["control", "close"]],
    ["controlled", ["close"]],
    ["closed", []],
    ["declined", []],
    ["lapsed", ["acknowledge"]],
    ["cancelled", []],
  ];
  test.each(CREW)("a crew's order that is %s has the steps %j ahead", (state, actions) => {
    expect(stepsAhead(order({ state })).map(({ action }) => action)).toEqual(actions);
  });

  test("a crew may not close before it arrived, others may once they acknowledged", () => {
    expect(allows(order({ state: "acknowledged" }), "close")).toBe(false);
    expect(allows(order({ state: "acknowledged", kind: "inform" }), "close")).toBe(true);
    expect(allows(order({ state: "arrived" }), "close")).toBe(true);
  });

  test("an order that arrived as drafted can be answered and declined", () => {
    expect([allows(order({ state: "drafted" }), "acknowledge"), allows(order({ state: "drafted" }), "decline")]).toEqual([true, true]);
  });

  test("declining ends with the arrival", () => {
    expect(allows(order({ state: "turned_out" }), "decline")).toBe(true);
    expect(allows(order({ state: "arrived" }), "decline")).toBe(false);
  });

  test("real or false is said after answering, by a verifier also before", () => {
    expect(allows(order(), "report_false")).toBe(false);
    expect(allows(order({ state: "acknowledged" }), "report_false")).toBe(true);
    expect(allows(order({ kind: "verify" }), "report_false")).toBe(true);
  });

  test("the word of who verifies is an answer too, until it was answered", () => {
    expect(settles(order({ kind: "verify" }), "report_false")).toBe(true);
    expect(settles(order({ kind: "verify", state: "acknowledged" }), "confirm_fire")).toBe(false);
    expect([settles(order({ kind: "verify" }), "checklist"), settles(order(), "confirm_fire")]).toEqual([false, false]);
  });
});

describe("what stays on the screen and sounds", () => {
  test("an unanswered order sounds", () => {
    expect(urges(order(), minute(0.5))).toBe(true);
    expect(urges(after(order(), "acknowledged", 5), minute(0.5))).toBe(false);
  });

  test("a lapsed order goes on sounding for a while, stays longer, and then goes", () => {
    const lapsed = after(order(), "lapsed", 60);
    expect([urges(lapsed, minute(2)), isShown(lapsed, minute(2))]).toEqual([true, true]);
    expect([urges(lapsed, minute(5)), isShown(lapsed, minute(5))]).toEqual([false, true]);
    expect(isShown(lapsed, minute(11))).toBe(false);
  });

  test("a crew that has answered and is not out in its time is woken again, until it turns out", () => {
    const answered = after(order({ deadlines: {} }), "acknowledged", 30);
    const wakes = (one: typeof answered, seconds: number) => [isStuck(one, T0 + seconds * 1_000), urges(one, T0 + seconds * 1_000)];
    expect(wakes(answered, 89)).toEqual([false, false]);
    expect(wakes(answered, 90)).toEqual([true, true]);
    expect(wakes({ ...answered, deadlines: { turn_out_by: at(200) } }, 199)).toEqual([false, false]);
    expect(wakes({ ...answered, deadlines: { turn_out_by: at(200) } }, 200)).toEqual([true, true]);
    expect(wakes(after(answered, "turned_out", 95), 300)).toEqual([false, false]);
    expect(wakes({ ...answered, kind: "attend" }, 300)).toEqual([false, false]);
  });
});

test("crews are counted by where they are; ended orders and leaders are not crews", () => {
  const orders = [
    order({ id: "1", state: "delivered" }),
    order({ id: "2", state: "turned_out" }),
    order({ id: "3", state: "arrived" }),
    order({ id: "4", state: "lapsed" }),
    order({ id: "5", state: "arrived", kind: "attend" }),
  ];
  expect(crews(incident({ orders }))).toEqual({ called: 3, coming: 1, there: 1 });
});

test("a recipient is a kind and a code", () => {
  expect(whom("station:ST-01")).toEqual(["station", "ST-01"]);
  expect(whom("odd")).toEqual(["", "odd"]);
});
