import { expect, test } from "vitest";
import { isPedal, learn, parse } from "../src/lib/pedal";

test.each(["F13", "PageDown", "b", "Enter"])("%s can be a foot switch and is known again", (key) => {
  const stroke = learn({ code: `at-${key}`, key });
  expect(stroke).not.toBeNull();
  expect(isPedal({ code: `at-${key}`, key: key.toUpperCase() }, stroke)).toBe(true);
  expect(isPedal({ code: "KeyQ", key: "q" }, stroke)).toBe(false);
});

test.each(["Tab", "Escape", "Shift", "3"])("%s cannot", (key) => {
  expect(learn({ code: key, key })).toBeNull();
});

test("where the browser does not say which key it was, what it sends counts", () => {
  expect(isPedal({ code: "", key: "b" }, { code: "", key: "b" })).toBe(true);
});

test("without one nothing is a foot switch, and what was kept is read back or forgotten", () => {
  expect(isPedal({ code: "F13", key: "F13" }, null)).toBe(false);
  expect(parse(JSON.stringify({ code: "F13", key: "F13" }))).toEqual({ code: "F13", key: "F13" });
  for (const junk of [null, "", "{", "7", '{"code":1}']) expect(parse(junk)).toBeNull();
});
