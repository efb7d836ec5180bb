import { expect, test } from "vitest";
import { fitting, MOST, type Label, type View } from "../src/lib/labels";

const label = (text: string, x: number, y: number, from = 0): Label => ({ text, kind: "street", at: [y, x], from });
const view = (over: Partial<View> = {}): View => ({
  zoom: 16,
  contains: ([y, x]) => x >= 0 && x <= 2_000 && y >= 0 && y <= 2_000,
  project: ([y, x]) => ({ x, y }),
  ...over,
});
const shown = (labels: Label[], over: Partial<View> = {}) => fitting(labels, view(over)).map(({ text }) => text);

test("of two names at one place the first is shown", () => {
  expect(shown([label("西泽街道", 100, 100), label("金华路", 110, 108)])).toEqual(["西泽街道"]);
});

test("names beside and below each other are shown both", () => {
  expect(shown([label("金华路", 100, 100), label("丰江路", 150, 100), label("荷峰路", 100, 125)])).toHaveLength(3);
});

test("a name is shown from its zoom on and only in view", () => {
  expect(shown([label("金华路", 100, 100, 17)])).toEqual([]);
  expect(shown([label("金华路", 100, 100, 17)], { zoom: 17 })).toEqual(["金华路"]);
  expect(shown([label("远处", 9_000, 100)])).toEqual([]);
});

test("a crowd of names is cut off before the browser chokes on it", () => {
  const crowd = Array.from({ length: 1_000 }, (_, i) => label("路", (i % 60) * 30, Math.floor(i / 60) * 30));
  expect(shown(crowd)).toHaveLength(MOST);
});
