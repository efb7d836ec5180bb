import { expect, test } from "vitest";
import { elapsed, incidentElapsed, incidentMilestones, isOver, milestones, stopwatch, timer } from "../src/lib/clocks";
import { after, at, incident, order, T0 } from "./orders";

const named = (list: ReturnType<typeof milestones>) => Object.fromEntries(list.map((one) => [one.name, one]));
const now = (seconds: number) => T0 + seconds * 1_000;

test("before anybody answers every clock counts down to its deadline", () => {
  const clocks = named(milestones(order(), now(10)));
  expect(clocks["acknowledge"]).toMatchObject({ standing: "running", shown: 50_000, done: null });
  expect(clocks["arrive"]).toMatchObject({ standing: "running", shown: 170_000 });
  expect(clocks["support"]).toMatchObject({ standing: "running", shown: 290_000 });
});

test("the last third of a clock's time is short, and past its deadline it is overdue", () => {
  expect(named(milestones(order(), now(41)))["acknowledge"]?.standing).toBe("short");
  expect(named(milestones(order(), now(75)))["acknowledge"]).toMatchObject({ standing: "overdue", shown: -15_000 });
});

test("an answer in time is met and shows what it took", () => {
  const clocks = named(milestones(after(order(), "acknowledged", 17), now(30)));
  expect(clocks["acknowledge"]).toMatchObject({ standing: "met", shown: 17_000 });
  expect(clocks["turn_out"]?.standing).toBe("running");
});

test("an answer after the deadline is missed", () => {
  const clocks = named(milestones(after(order(), "acknowledged", 62), now(70)));
  expect(clocks["acknowledge"]).toMatchObject({ standing: "missed", shown: 62_000 });
});

test("a step that was skipped counts no further", () => {
  const clocks = named(milestones(after(order(), "arrived", 120), now(130)));
  expect(clocks["turn_out"]?.standing).toBe("off");
  expect(clocks["arrive"]?.standing).toBe("met");
});

test("an order that ended counts nothing down", () => {
  const clocks = milestones(after(order(), "cancelled", 20), now(90));
  expect(clocks.every(({ standing }) => standing === "off")).toBe(true);
});

test("support that other crews must bring is never overdue on one crew's screen", () => {
  expect(named(milestones(order(), now(400)))["support"]?.standing).toBe("off");
});

test("an order without deadlines beyond the answer has one clock", () => {
  const told = order({ kind: "inform", deadlines: { acknowledge_by: at(60), arrive_by: null } });
  expect(milestones(told, now(1)).map(({ name }) => name)).toEqual(["acknowledge"]);
});

test("an incident counts the first crew's answer and arrival, and the second crew as support", () => {
  const first = after(after(order(), "acknowledged", 20), "arrived", 150);
  const second = after(after(order({ id: "O-000002" }), "acknowledged", 40), "arrived", 290);
  const clocks = named(incidentMilestones(incident({ orders: [second, first] }), now(295)));
  expect(clocks["acknowledge"]).toMatchObject({ standing: "met", shown: 20_000 });
  expect(clocks["arrive"]).toMatchObject({ standing: "met", shown: 150_000 });
  expect(clocks["support"]).toMatchObject({ standing: "met", shown: 290_000 });
});

test("an incident with one crew there still waits for support", () => {
  const first = after(order(), "arrived", 150);
  expect(named(incidentMilestones(incident({ orders: [first] }), now(310)))["support"]?.standing).toBe("overdue");
});

test("an incident to which no crew goes has no clocks", () => {
  expect(incidentMilestones(incident({ orders: [order({ kind: "rectify" })] }), now(5))).toEqual([]);
});

test("elapsed time is never negative, whatever the clocks say", () => {
  expect(elapsed(order(), now(-3))).toBe(0);
  expect(elapsed(order(), now(83))).toBe(83_000);
});

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [60_000, "1:00"],
  [3_599_000, "59:59"],
  [3_600_000, "1:00:00"],
  [-75_000, "1:15"],
])("a stopwatch at %i ms reads %s", (ms, text) => {
  expect(stopwatch(ms)).toBe(text);
});

test("a timer reads 0:00 only when time is up", () => {
  expect(timer(60_000)).toBe("1:00");
  expect(timer(59_001)).toBe("1:00");
  expect(timer(1)).toBe("0:01");
  expect(timer(0)).toBe("0:00");
  expect(timer(-1_500)).toBe("0:01");
});

test("clocks stop once everybody was stood down, and do not while a crew called since is on its way", () => {
  const cancelled = after(order(), "cancelled", 20);
  const down = incident({ orders: [cancelled], stood_down: true });
  expect(incidentMilestones(down, now(400)).every(({ standing }) => standing === "off")).toBe(true);
  expect(incidentElapsed(down, now(400))).toBe(20_000);
  const called = incident({ orders: [cancelled, order({ id: "O-000002" })], stood_down: true });
  expect(named(incidentMilestones(called, now(70)))["acknowledge"]?.standing).toBe("overdue");
});

test("clocks stop once it was judged to be no fire, and go on for a real one until its crews are back", () => {
  const judged = { judged_at: at(90) };
  const none = incident({ verdict: "false", ...judged });
  expect(incidentMilestones(none, now(400)).every(({ standing }) => standing === "off")).toBe(true);
  expect(incidentElapsed(none, now(400))).toBe(90_000);
  const real = incident({ verdict: "real", ...judged });
  expect(named(incidentMilestones(real, now(400)))["arrive"]?.standing).toBe("overdue");
  expect(isOver(incident({ verdict: "real", ...judged, orders: [after(order(), "closed", 300)] }))).toBe(true);
});
