import { expect, test } from "vitest";
import type { DistrictMap, Way } from "../src/lib/contract";
import { sketch } from "../src/lib/sketch";

const way: Way = {
  order: "O-1",
  mode: "ebike",
  method: "roads",
  line: [[120.6, 30.903], [120.6, 30.899], [120.6035, 30.899]],
  length_m: 779,
  travel_s: 156,
};
const street = (name: string, kind: string, ...coordinates: [number, number][]) => ({
  type: "Feature" as const,
  properties: { name, class: kind },
  geometry: { type: "LineString" as const, coordinates },
});
const map: DistrictMap = {
  roads: {
    type: "FeatureCollection",
    features: [street("正街", "primary", [120.6, 30.903], [120.6, 30.899]), street("远路", "residential", [121, 31], [121.1, 31])],
  },
  water: [],
  rivers: null,
};

test("the whole way is on the paper, north up, from the station to the place", () => {
  const drawn = sketch(map, way, [], 600, 300);
  for (const { x, y } of [drawn.start, drawn.goal]) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(600);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(300);
  }
  expect(drawn.start.y).toBeLessThan(drawn.goal.y);
  expect(drawn.start.x).toBeLessThan(drawn.goal.x);
  expect(drawn.way.match(/[ML]/g)).toHaveLength(3);
});

test("east and north are drawn to the same scale", () => {
  const drawn = sketch(map, way, [], 600, 300);
  const metres = { north: 0.004 * 111_195, east: 0.0035 * 111_195 * Math.cos((30.901 * Math.PI) / 180) };
  expect((drawn.goal.y - drawn.start.y) / metres.north).toBeCloseTo((drawn.goal.x - drawn.start.x) / metres.east, 4);
  expect(drawn.bar.width / drawn.bar.metres).toBeCloseTo((drawn.goal.y - drawn.start.y) / metres.north, 4);
});

test("streets that are off the paper are left out, and those on it are named once", () => {
  const drawn = sketch(map, way, [], 600, 300);
  expect(drawn.streets).toHaveLength(1);
  expect(drawn.names.map(({ text }) => text)).toEqual(["正街"]);
});

test("water that gives none is told from that which does", () => {
  const source = { code: "W-1", kind: "消火栓", lon: 120.6, lat: 30.9, state: "ok", usable: true, distance_m: 50 };
  const drawn = sketch(map, way, [source, { ...source, usable: false }, { ...source, usable: null }, { ...source, lon: 121 }], 600, 300);
  expect(drawn.water.map(({ usable }) => usable)).toEqual([true, false, true]);
});

test("next door and without a map it is drawn all the same", () => {
  const near: Way = { ...way, method: "line", line: [[120.6, 30.9], [120.6, 30.9]] };
  const drawn = sketch(null, near, [], 600, 300);
  expect(drawn).toMatchObject({ streets: [], guessed: true, start: { x: 300, y: 150 }, goal: { x: 300, y: 150 } });
});
