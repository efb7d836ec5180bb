import { expect, test } from "vitest";
import { forget, keep, recall } from "../src/lib/kept";

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

test("what was typed comes back until it was saved, with the name of its saving", () => {
  const one = store();
  const typed = { text: "首报", signed: "甲", ref: "r-1", entry: 7, touched: true };
  keep(one, "I-1.first.zh", typed);
  expect(recall(one, "I-1.first.zh")).toEqual(typed);
  expect(recall(one, "I-2.first.zh")).toBeNull();
  forget(one, "I-1.first.zh");
  expect(recall(one, "I-1.first.zh")).toBeNull();
});

test("what cannot be read is as if nothing had been kept", () => {
  const one = store();
  one.setItem("firegrid.paper.x", "{");
  one.setItem("firegrid.paper.y", "{\"text\":7}");
  expect([recall(one, "x"), recall(one, "y")]).toEqual([null, null]);
});
