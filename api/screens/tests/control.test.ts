import { describe, expect, test } from "vitest";
import { brigadeOf, linkage, phaseOf } from "../src/lib/control";
import type { Brigade, HistoryEntry, Incident, Order } from "../src/lib/contract";
import { order } from "./orders";

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const asked = (history: HistoryEntry[] = [], more: Partial<Order> = {}): Order => ({
  ...order({ kind: "verify", state: "delivered", ...more }),
  history,
});
const incident = (verification: Incident["verification"], brigade: Brigade | null = null) =>
  ({ verification, brigade }) as unknown as Incident;
const said = (event: string, second = 1, done?: string[]): HistoryEntry => ({
  event,
  at: at(second),
  by: "person:A",
  ...(done ? { done } : {}),
});

describe("how far verifying is", () => {
  test("nobody has said anything: asked, also of an order that lapsed", () => {
    expect(phaseOf(asked(), incident("unverified"))).toBe("asked");
    expect(phaseOf(asked([], { state: "lapsed" }), undefined)).toBe("asked");
  });

  test("one's own word counts before the incident has been read again", () => {
    expect(phaseOf(asked([said("fire_confirmed")]), undefined)).toBe("real");
    expect(phaseOf(asked([said("reported_false")]), incident("unverified"))).toBe("false");
  });

  test("somebody else's word counts", () => {
    expect(phaseOf(asked(), incident("confirmed"))).toBe("real");
    expect(phaseOf(asked(), incident("false"))).toBe("false");
  });

  test("a confirmed fire stays one, whatever is said after it", () => {
    expect(phaseOf(asked([said("fire_confirmed", 1), said("reported_false", 2)]), incident("confirmed"))).toBe("real");
  });

  test("a closed order is over", () => {
    expect(phaseOf(asked([said("fire_confirmed")], { state: "closed" }), incident("confirmed"))).toBe("over");
  });
});

describe("the linkage list", () => {
  const file = { checklist: ["automatic", "lifts"].map((task) => ({ task, done: task === "automatic" })) } as Order["file"];

  test("an order without a list has none", () => {
    expect(linkage(asked())).toEqual([]);
  });

  test("a tick is told with the second at which it was first made since it was last taken back", () => {
    const history = [said("checklist", 1, ["automatic"]), said("checklist", 2, []), said("checklist", 3, ["automatic"]), said("checklist", 4, ["automatic"])];
    expect(linkage(asked(history, { file }))).toEqual([
      { task: "automatic", done: true, at: at(3), by: "person:A" },
      { task: "lifts", done: false, at: null, by: null },
    ]);
  });
});

describe("the report to 119", () => {
  const told = (reported_at: string | null, text: string): Brigade => ({
    due_since: at(1),
    reason: "confirmed",
    wording: { zh: { text }, en: { text } },
    reported_at,
    reported_by: reported_at && "person:A",
    case_number: null,
  });

  test("is the order's own, which names who cannot get out", () => {
    expect(brigadeOf(asked([], { brigade: told(null, "own") }), incident("confirmed", told(null, "theirs")))?.wording.zh.text).toBe("own");
  });

  test("that somebody else called is taken from the incident, the wording stays the own", () => {
    const found = brigadeOf(asked([], { brigade: told(null, "own") }), incident("confirmed", told(at(9), "theirs")));
    expect([found?.reported_at, found?.wording.zh.text]).toEqual([at(9), "own"]);
  });

  test("is the incident's once the order carries none", () => {
    expect(brigadeOf(asked(), incident("confirmed", told(null, "theirs")))?.wording.zh.text).toBe("theirs");
    expect(brigadeOf(asked(), undefined)).toBeNull();
  });
});
