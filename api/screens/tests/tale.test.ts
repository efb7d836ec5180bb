import { expect, test } from "vitest";
import { extended } from "../src/lib/tale.svelte";
import { at } from "./orders";

const entry = (n: number) => ({ entry: n, at: at(n), facts: [] });

test("a timeline grows by what is newer, and an entry that came twice stands once", () => {
  const known = [entry(3), entry(5)];
  expect(extended(known, [entry(5), entry(9)]).map((one) => one.entry)).toEqual([3, 5, 9]);
  expect(extended([], [entry(3)]).map((one) => one.entry)).toEqual([3]);
  expect(extended(known, [])).toEqual(known);
});
