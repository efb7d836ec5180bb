import { expect, test } from "vitest";
import { choices } from "../src/lib/choices";
import { at } from "./orders";

const drafted = {
  fact: "order_drafted",
  order: "O-1",
  recipient: "station:ST-B",
  reason: "soonest",
  weighed: 31,
  candidates: [
    { station: "ST-A", verdict: "off_duty", eta_s: 60, method: "roads" },
    { station: "ST-B", verdict: "free", eta_s: 90, method: "roads", crew: 3 },
    { station: "ST-C", verdict: "free", eta_s: 95, method: "roads", crew: 4, demoted: true },
  ],
};

test("every candidate keeps its rank and its reason, and the one taken is marked", () => {
  const [choice] = choices([{ entry: 1, at: at(0), facts: [drafted] }]);
  expect(choice).toMatchObject({ order: "O-1", weighed: 31, tier: null });
  expect(choice?.candidates.map(({ station, rank, verdict, chosen }) => [station, rank, verdict, chosen])).toEqual([
    ["ST-A", 1, "off_duty", false],
    ["ST-B", 2, "free", true],
    ["ST-C", 3, "free", false],
  ]);
  expect(choice?.candidates[2]?.demoted).toBe(true);
});

test("orders that nobody was weighed for tell of no choice", () => {
  const leader = { fact: "order_drafted", order: "O-2", recipient: "person:L-1", reason: "leader" };
  expect(choices([{ entry: 1, at: at(0), facts: [leader] }])).toEqual([]);
});
