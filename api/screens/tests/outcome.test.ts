import { expect, test } from "vitest";
import { causes, changed, isReported, localMinute, said, typed } from "../src/lib/outcome";

test("what was left empty is not said, and numbers are numbers", () => {
  expect(said({ dead: "0", injured: "", area_m2: "3.5", put_out_by: "station" })).toEqual({ dead: 0, area_m2: 3.5, put_out_by: "station" });
});

test("a local time becomes an instant and comes back as the same local time", () => {
  const shown = localMinute("2026-11-28T09:05:00.000Z");
  const sent = said({ watched_until: shown })["watched_until"];
  expect(sent).toBe("2026-11-28T09:05:00.000Z");
  expect(typed({ watched_until: sent })).toEqual({ watched_until: shown });
});

test("a report that is completed repeats nothing", () => {
  expect(changed({ dead: "0" }, { dead: "0", injured: "2" })).toEqual({ injured: "2" });
});

test("causes follow from the kind and the verdict, and only a real fire has a report", () => {
  expect(causes("fire", "false")).toContain("steam");
  expect(causes("fire", "real")).toContain("e_bike");
  expect(causes("electrical", "real")).toContain("leakage");
  expect(causes("fire", "test")).toEqual([]);
  expect([isReported({ kind: "manual" }, "real"), isReported({ kind: "electrical" }, "real"), isReported({ kind: "fire" }, null)]).toEqual([true, false, false]);
});
