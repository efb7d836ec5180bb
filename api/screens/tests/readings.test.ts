import { describe, expect, test } from "vitest";
import { gauges, path, trend, type Reading } from "../src/lib/readings";

const reading = (minute: number, values: Record<string, unknown>): Reading => ({
  ts: `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`,
  received_at: "2026-01-01T00:00:00.000Z",
  ...values,
});

describe("gauges", () => {
  test("the newest of each value, smoke before temperature, nothing of battery and radio", () => {
    const found = gauges([
      reading(0, { temperature_c: 21, smoke_db_m: 0.01, battery_v: 3, rssi_dbm: -70, seq: 1 }),
      reading(1, { temperature_c: 22, smoke_db_m: 0.4 }),
    ]);
    expect(found.map(({ name, latest }) => [name, latest])).toEqual([
      ["smoke_db_m", 0.4],
      ["temperature_c", 22],
    ]);
    expect(found[0]?.at).toBe("2026-01-01T00:01:00.000Z");
  });

  test("a list is told by its highest channel", () => {
    expect(gauges([reading(0, { cable_temperature_c: [41, 78, null] })])[0]?.latest).toBe(78);
  });

  test("no readings, no gauges", () => {
    expect(gauges([])).toEqual([]);
  });
});

describe("trend", () => {
  test.each([
    [[1, 1, 1, 1.02], "steady"],
    [[0, 0, 0.1, 0.6], "rising"],
    [[300, 280, 200, 40], "falling"],
    [[5, 9], "steady"],
    [[0, 0, 0, 0], "steady"],
  ] as const)("%j is %s", (values, expected) => {
    expect(trend(values)).toBe(expected);
  });
});

describe("the line", () => {
  test("fills its box, the highest on top", () => {
    expect(path([[0, 1], [50, 3], [100, 2]], 100, 20)).toBe("M0.0 20.0L50.0 0.0L100.0 10.0");
  });

  test("a flat line runs through the middle, one point is none", () => {
    expect(path([[0, 1], [10, 1]], 100, 20)).toBe("M0.0 10.0L100.0 10.0");
    expect(path([[0, 1]], 100, 20)).toBe("");
  });
});
