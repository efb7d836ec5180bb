import { expect, test } from "vitest";
import { missed, pressedAt, putCheck, putOpen, waiting, type Checks } from "../src/lib/checks";
import type { Check } from "../src/lib/contract";
import { after, at, order, T0 } from "./orders";

const check = (over: Partial<Check> = {}): Check => ({
  id: "Q-1",
  station: "ST-01",
  state: "open",
  reason: "asked",
  by: "command:main",
  sent_at: at(0),
  answer_by: at(600),
  answered_at: null,
  answered_by: null,
  via: null,
  ...over,
});
const none: Checks = new Map();

test("a check waits until it is answered, however often and in which order it is told", () => {
  const asked = putCheck(none, check());
  expect(waiting(asked)?.id).toBe("Q-1");
  const answered = putCheck(asked, check({ state: "answered", answered_at: at(5), via: "answer" }));
  expect(waiting(answered)).toBeNull();
  expect(waiting(putCheck(answered, check()))).toBeNull();
});

test("a missed check is shown until it is answered late or a newer one comes", () => {
  const over = putCheck(none, check({ state: "missed" }));
  expect(missed(over)?.id).toBe("Q-1");
  expect(missed(putCheck(over, check({ state: "missed", answered_at: at(900) })))).toBeNull();
  expect(missed(putCheck(over, check({ id: "Q-2" })))).toBeNull();
});

test("whoever answers an order is there: that answers the check, too, one sent before it and not one sent after", () => {
  const orders = [after(order(), "acknowledged", 30), order({ id: "O-2" })];
  expect(pressedAt(orders)).toBe(T0 + 30_000);
  expect(pressedAt([order()])).toBe(0); // delivered is no press
  expect(waiting(putCheck(none, check()), pressedAt(orders))).toBeNull();
  expect(missed(putCheck(none, check({ state: "missed" })), pressedAt(orders))).toBeNull();
  expect(waiting(putCheck(none, check({ sent_at: at(31) })), pressedAt(orders))?.id).toBe("Q-1");
});

test("a welcome tells what waits: what it does not name waits no more, what was missed stays", () => {
  const book = putCheck(putCheck(none, check({ id: "Q-0", state: "missed" })), check());
  const after = putOpen(book, []);
  expect(waiting(after)).toBeNull();
  expect(missed(after)?.id).toBe("Q-0");
  expect(waiting(putOpen(after, [check({ id: "Q-3" })]))?.id).toBe("Q-3");
});

test("only the latest twenty are kept", () => {
  const book = Array.from({ length: 50 }, (_, n) => check({ id: `Q-${n}`, state: "answered", answered_at: at(n) })).reduce(putCheck, none);
  expect(book.size).toBe(20);
  expect([...book.keys()].at(-1)).toBe("Q-49");
});
