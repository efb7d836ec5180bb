import { expect, test } from "vitest";
import { duration, floor, heard, inside, measured } from "../src/lib/format";

test.each([
  [0, "0 秒", "0 s"],
  [59_400, "59 秒", "59 s"],
  [133_000, "2 分 13 秒", "2 min 13 s"],
  [3_720_000, "1 小时 2 分", "1 h 2 min"],
  [190_000_000, "2 天 4 小时", "2 d 4 h"],
  [-5, "0 秒", "0 s"],
])("%i ms is told as %s and %s", (ms, zh, en) => {
  expect([duration("zh", ms), duration("en", ms)]).toEqual([zh, en]);
});

test("the network's last sign of life is told in words, a fresh one without a figure", () => {
  expect([heard("zh", null), heard("zh", 900), heard("zh", 4_900)]).toEqual(["尚未收到数据", "网络活动：刚刚", "4 秒前有网络活动"]);
});

test("floors below ground are named as such", () => {
  expect([floor("zh", 3), floor("zh", -1), floor("en", -2), floor("en", null)]).toEqual(["3 层", "地下 1 层", "Basement 2", ""]);
});

test("floor and room are said as far as they are known", () => {
  expect(inside("zh", { floor: 12, room: "1203室" })).toBe("12 层 1203室");
  expect(inside("en", { floor: null, room: "B2" })).toBe("B2");
  expect(inside("en", {})).toBe("");
});

test("a value is named and given its unit by its column", () => {
  expect(measured("zh", 0.364, "smoke_db_m")).toEqual([{ name: "烟雾", text: "0.36 dB/m" }]);
  expect(measured("en", 612.4, "residual_ma")).toEqual([{ name: "Residual current", text: "612 mA" }]);
  expect(measured("en", 91.5, "cable_temperature_2_c")).toEqual([{ name: "Cable temperature channel 2", text: "91.5 ℃" }]);
  expect(measured("en", 231, "voltage_l1_v")).toEqual([{ name: "Voltage phase L1", text: "231 V" }]);
});

test("an object of values gives each its own unit, and nothing is nothing", () => {
  expect(measured("en", { current_a: [1, 2.5], note: "x" })).toEqual([
    { name: "Current channel 1", text: "1 A" },
    { name: "Current channel 2", text: "2.5 A" },
  ]);
  expect(measured("en", null)).toEqual([]);
  expect(measured("en", null, "smoke_db_m")).toEqual([]);
});
