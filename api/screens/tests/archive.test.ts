import { describe, expect, test } from "vitest";
import { ANY, asked, csv, fits, isAny, span, type Wanted } from "../src/lib/archive";
import type { Flood, Incident } from "../src/lib/contract";
import { lacks } from "../src/lib/flood";

const one = (more: Record<string, unknown> = {}): Incident =>
  ({
    id: "I-000007", state: "closed", kind: "fire", drill: false, verdict: "false", opened_at: new Date(2026, 10, 29, 23, 59).toISOString(),
    grid: [{ code: "G3" }, { code: "G1" }], place: { code: "P-1", name: "柳巷 3 号楼", address: "柳巷 3 号" }, case_number: "119-7", ...more,
  }) as unknown as Incident; // prettier-ignore
const wanted = (more: Partial<Wanted>): Wanted => ({ ...ANY, ...more });

describe("days", () => {
  test("are the browser's, the last one whole", () => {
    expect(span({ first: "2026-11-28", last: "2026-11-29" })).toEqual([new Date(2026, 10, 28), new Date(2026, 10, 30)]);
    expect(fits(wanted({ last: "2026-11-29" }), null, one())).toBe(true);
    expect(fits(wanted({ last: "2026-11-28" }), null, one())).toBe(false);
    expect(fits(wanted({ first: "2026-11-30" }), null, one())).toBe(false);
  });

  test("half typed are none", () => {
    expect(span({ first: "", last: "0002-11-29" })).toEqual([null, null]);
  });
});

test("the server is asked for what it can tell apart, and not at all for what is open", () => {
  expect(asked(ANY, 100)).toBe("/api/incidents?state=closed&limit=100");
  expect(asked(wanted({ standing: "open" }), 100)).toBeNull();
  const query = new URLSearchParams(asked(wanted({ drill: "false", verdict: "none", place: { code: "P 1", name: "" }, first: "2026-11-28", last: "2026-11-28" }), 50)?.split("?")[1]);
  expect(Object.fromEntries(query)).toEqual({
    state: "closed", limit: "50", drill: "false", verdict: "none", place: "P 1",
    from: new Date(2026, 10, 28).toISOString(), to: new Date(2026, 10, 29).toISOString(),
  }); // prettier-ignore
});

test("each condition holds what it says", () => {
  for (const right of [{ kind: "fire" }, { verdict: "false" }, { drill: "false" }, { standing: "closed" }, { text: "柳巷 119-7" }, { place: { code: "P-1", name: "" } }] as Partial<Wanted>[]) {
    expect(fits(wanted(right), null, one())).toBe(true);
    expect(isAny(wanted(right))).toBe(false);
  }
  for (const wrong of [{ kind: "electrical" }, { verdict: "none" }, { drill: "true" }, { standing: "open" }, { text: "柳巷 桥头" }, { place: { code: "P-2", name: "" } }] as Partial<Wanted>[]) {
    expect(fits(wanted(wrong), null, one())).toBe(false);
  }
  expect(fits(wanted({ verdict: "none" }), null, one({ verdict: null }))).toBe(true);
  expect([fits(ANY, new Set(["G1"]), one()), fits(ANY, new Set(["G2"]), one())]).toEqual([true, false]);
  expect(isAny({ ...ANY })).toBe(true);
});

test("a sheet keeps commas and quotes, and no name in it is a formula", () => {
  expect(csv([["a", "b"], ['x,"y"', "=1+1"], ["-3", "行\n二"]])).toBe('a,b\r\n"x,""y""",\'=1+1\r\n\'-3,"行\n二"\r\n');
});

test("a page lacks incidents while the flood counts more than it holds", () => {
  const flood = { on: true, open_incidents: { "1": 2, "2": 1 } } as unknown as Flood;
  const held = (open: number) => [...Array.from({ length: open }, () => ({ state: "open" as const, drill: false })), { state: "closed" as const, drill: false }, { state: "open" as const, drill: true }];
  expect([lacks(flood, held(2)), lacks(flood, held(3)), lacks({ ...flood, on: false }, held(0)), lacks(null, [])]).toEqual([true, false, false, false]);
});
