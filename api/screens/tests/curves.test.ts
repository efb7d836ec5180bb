import { expect, test } from "vitest";
import { aligned, canonical, chosen, gapped, marks, plots, window, type Detector } from "../src/lib/curves";
import { after, at, incident, order, T0 } from "./orders";

const smoke = (code: string, floor: number): Detector => ({ code, kind: "smoke", floor, room: null, interval_s: 60 });
const alarm = (device: string, seconds = 0) => ({ id: `A-${device}`, kind: "fire", device, since: at(seconds), value: 0.2, unit_of: "smoke_db_m" });

test("the detectors in alarm come first, then their neighbours of the same kind, nearest floor first", () => {
  const monitor: Detector = { code: "ELE-1", kind: "electrical", floor: 3, room: null };
  const near = [smoke("S-9", 9), smoke("S-4", 4), smoke("S-3", 3), smoke("S-1", 1), monitor];
  const one = incident({ alarms: [alarm("S-1", 20), alarm("S-3", 0)] });
  expect(chosen(one, near).map(({ code }) => code)).toEqual(["S-3", "S-1", "S-4", "S-9"]);
});

test("a silence is a gap, the usual pause between readings is none", () => {
  const points = [[0, 1], [60, 2], [120, 3], [400, 4]] as const;
  expect(gapped(points, 60)).toEqual([[0, 1], [60, 2], [120, 3], [260, null], [400, 4]]);
});

test("a detector that reports seldom has no gap in each of its pauses", () => {
  const points = [[0, 1], [3_600, 2], [7_200, 3]] as const;
  expect(gapped(points, 60)).toEqual(points);
});

test("curves share one axis: nothing where a curve has no point, null in its gap", () => {
  const curve = (points: readonly (readonly [number, number | null])[]) => ({ device: "S", channel: null, alarming: true, points: [...points] });
  expect(aligned([curve([[1, 10], [3, null]]), curve([[2, 20]])])).toEqual([[1, 2, 3], [10, undefined, null], [undefined, 20, undefined]]);
});

test("each quantity is a plot, each channel a curve, the alarm's own quantity first, with its thresholds once", () => {
  const detector: Detector = {
    code: "ELE-1", kind: "electrical", floor: 1, room: null, interval_s: 60,
    levels: [
      { column: "current_l1_a", alarm: "overcurrent", level: "alarm", at_least: 63, at_most: null },
      { column: "current_l2_a", alarm: "overcurrent", level: "alarm", at_least: 63, at_most: null },
      { column: "voltage_l1_v", alarm: "voltage", level: "alarm", at_least: 253, at_most: 187 },
    ],
  };
  const one = incident({ alarms: [{ ...alarm("ELE-1"), kind: "overcurrent", unit_of: "current_l1_a" }] });
  const readings = [{ ts: at(0), current_a: [60, 61], residual_ma: 20, rssi_dbm: -60 }];
  const made = plots(one, [detector], new Map([["ELE-1", readings]]));
  expect(made.map(({ name }) => name)).toEqual(["current_a", "residual_ma"]);
  expect(made[0]?.curves.map(({ channel }) => channel)).toEqual([1, 2]);
  expect(made[0]?.thresholds).toEqual([{ value: 63, below: false, level: "alarm" }]);
  expect(canonical("cable_temperature_3_c")).toBe("cable_temperature_c");
});

test("what is drawn begins half an hour before the first alarm, and a clock at 1970 does not stretch it", () => {
  const one = incident({ alarms: [alarm("S-1", -30), { ...alarm("S-2"), since: "1970-01-01T00:00:00.000Z" }] });
  expect(window(one, T0 + 60_000)).toEqual([T0 - 30_000 - 1_800_000, T0 + 60_000]);
  expect(window(incident({ closed_at: at(100), state: "closed" }), T0 + 9_000_000)[1]).toBe(T0 + 100_000 + 300_000);
});

test("alarm, first answer, confirmation, first arrival and end are marked in their order", () => {
  const crew = after(after(order(), "acknowledged", 20), "arrived", 150);
  const later = after(order({ id: "O-2" }), "arrived", 200);
  const told = { ...order({ id: "O-3", kind: "verify" }), history: [{ event: "fire_confirmed", at: at(40), by: "person:P" }] };
  const one = incident({ alarms: [alarm("S-1")], orders: [later, crew, told], closed_at: at(900) });
  expect(marks(one).map(({ kind, at: when }) => [kind, (when - T0) / 1_000])).toEqual([
    ["alarm", 0], ["acknowledged", 20], ["confirmed", 40], ["arrived", 150], ["closed", 900],
  ]);
});
