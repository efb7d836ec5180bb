import { describe, expect, test } from "vitest";
import type { Incident } from "../src/lib/contract";
import { cluster, isCluster, SINGLE_UP_TO } from "../src/lib/cluster";
import { rows } from "../src/lib/listing";
import type { Spot } from "../src/lib/map";
import { below, tree, within } from "../src/lib/scope";
import { edges, visible } from "../src/lib/window";

const incident = (id: string, kind: string, grid: string, drill = false): Incident =>
  ({ id, kind, drill, grid: [{ code: grid, name: grid, level: 3 }], orders: [], alarms: [] }) as unknown as Incident;

describe("a long list of open incidents", () => {
  const open = [
    incident("I-1", "electrical", "G1"),
    incident("I-2", "fire", "G2"),
    incident("I-3", "fire", "G1"),
    incident("I-4", "fire", "G2"),
    incident("I-5", "fire", "G1", true),
  ];

  test("has fires first, each small grid together, the grid with most on top, exercises last", () => {
    const told = rows(open, new Set()).map((row) => (row.kind === "incident" ? row.key : `${row.kind} ${row.count}`));
    expect(told).toEqual([
      "priority 3", "grid 2", "I-2", "I-4", "grid 1", "I-3",
      "priority 1", "grid 1", "I-1",
      "priority 1", "grid 1", "I-5",
    ]); // prettier-ignore
  });

  test("keeps the count of what is folded", () => {
    const [first, second] = rows(open, new Set(["real 1"]));
    expect(first).toMatchObject({ kind: "priority", count: 3, folded: true });
    expect(second).toMatchObject({ kind: "priority", priority: 2 });
  });

  test("loses no incident and shows none twice", () => {
    const shown = rows(open, new Set()).flatMap((row) => (row.kind === "incident" ? [row.incident.id] : []));
    expect(shown.sort()).toEqual(open.map(({ id }) => id).sort());
  });
});

describe("the window on a long list", () => {
  const at = edges(Array.from({ length: 1_000 }, () => 4));

  test("holds what is in view and a little more", () => {
    expect(visible(at, 400, 440)).toEqual([96, 115]);
    expect(visible(at, 0, 40)[0]).toBe(0);
    expect(visible(at, 3_990, 4_030)[1]).toBe(1_000);
  });

  test("of nothing is nothing", () => {
    expect(visible(edges([]), 0, 100)).toEqual([0, 0]);
  });

  test("covers the view wherever it is", () => {
    for (let top = 0; top < 3_960; top += 37) {
      const [from, to] = visible(at, top, top + 40, 0);
      expect(from * 4).toBeLessThanOrEqual(top);
      expect(to * 4).toBeGreaterThanOrEqual(Math.min(4_000, top + 40));
    }
  });
});

describe("marks close to one another", () => {
  const spot = (id: string, lon: number, more: Partial<Spot> = {}): Spot => ({ id, lon, lat: 0, priority: 2, drill: false, label: "", ...more });
  const project = (lon: number) => ({ x: lon, y: 0 });

  test("stand for themselves while they are few", () => {
    const few = Array.from({ length: SINGLE_UP_TO }, (_, i) => spot(`I-${i}`, 0));
    expect(cluster(few, project)).toEqual(few);
  });

  test("are one mark with the gravest of them when they are many; the chosen one stays", () => {
    const many = Array.from({ length: 100 }, (_, i) => spot(`I-${i}`, i < 60 ? 10 : 1_000, { priority: i === 3 ? 1 : 2, chosen: i === 7 }));
    const shown = cluster(many, project);
    expect(shown.filter(isCluster).map(({ spots, priority }) => [spots.length, priority])).toEqual([[59, 1], [40, 2]]);
    expect(shown.filter((one) => !isCluster(one))).toEqual([many[7]]);
  });

  test("show an exercise only where nothing real is among them", () => {
    const many = Array.from({ length: 60 }, (_, i) => spot(`I-${i}`, i < 30 ? 10 : 1_000, { drill: i !== 0, priority: i === 0 ? 4 : 1 }));
    expect(cluster(many, project).filter(isCluster).map(({ drill, priority }) => [drill, priority])).toEqual([[false, 4], [true, 1]]);
  });
});

describe("a page held to a grid", () => {
  const grid = (code: string, parent: string | null, level: 1 | 2 | 3) => ({ code, name: code, parent, level, polygon: [] });
  const grids = [grid("C", "B", 3), grid("B", "A", 2), grid("A", null, 1), grid("X", null, 1)];

  test("shows it and all below, whatever their order", () => {
    expect([...(below(grids, "A") ?? [])].sort()).toEqual(["A", "B", "C"]);
    expect([...(below(grids, "C") ?? [])]).toEqual(["C"]);
    expect(below(grids, null)).toBeNull();
  });

  test("has everything when it is held to none", () => {
    expect(within(null, [])).toBe(true);
    expect(within(new Set(["B"]), [{ code: "C" }, { code: "B" }])).toBe(true);
    expect(within(new Set(["X"]), [{ code: "C" }, { code: "B" }])).toBe(false);
  });

  test("lists grids each under the one above", () => {
    expect(tree(grids).map(({ grid: { code }, depth }) => [code, depth])).toEqual([["A", 0], ["B", 1], ["C", 2], ["X", 0]]);
  });
});
