import { expect, test } from "vitest";
import type { Fact, TimelineEntry } from "../src/lib/contract";
import { span, stoodAt } from "../src/lib/replay";
import { after, at, incident, order, T0 } from "./orders";

const I = "I-000001";
const entry = (seconds: number, ...facts: Fact[]): TimelineEntry => ({ entry: Math.round(seconds * 10) + 1, at: at(seconds), facts });
const change = (event: string, state: string, seconds: number, order = "O-1") => entry(seconds, { fact: "order_changed", order, event, state });

const STORY = [
  entry(
    0,
    { fact: "alarm_raised", alarm: "A-1", device: "SMK-1", kind: "fire", place: "P", since: at(0), floor: 3 },
    { fact: "incident_opened", incident: I, kind: "fire", source: "device", severity: 2 },
    { fact: "alarm_joined", incident: I, alarm: "A-1", severity: 2 },
    { fact: "order_drafted", order: "O-1", incident: I, recipient: "station:ST-01", kind: "respond", reason: "soonest", eta_s: 90, crew: 3 },
    { fact: "warned", incident: I, code: "no_screen", order: "O-1" },
  ),
  change("acknowledge", "acknowledged", 20),
  entry(30, { fact: "eta_revised", order: "O-1", arrive_at: at(140), method: "roads", by: "station:ST-01" }),
  entry(40, { fact: "incident_verified", incident: I, verification: "confirmed", severity: 4, by: "person:P" }, { fact: "brigade_due", incident: I, reason: "confirmed" }),
  entry(50, { fact: "brigade_reported", incident: I, by: "command:main" }),
  change("arrive", "arrived", 130),
  entry(600, { fact: "alarm_changed", alarm: "A-1", state: "cleared", by: "command:main" }, { fact: "verdict_given", incident: I, verdict: "real", by: "command:main" }),
  entry(700, { fact: "order_changed", order: "O-1", event: "close", state: "closed" }, { fact: "incident_closed", incident: I }),
];
const about = incident({ orders: [], alarms: [] });
const stood = (seconds: number) => stoodAt(about, STORY, T0 + seconds * 1_000);

test("at its first moment the alarm is on, the order drafted and nobody has answered", () => {
  const then = stood(0);
  expect([then.open, then.closed, then.severity, then.verification]).toEqual([true, false, 2, "unverified"]);
  expect(then.alarms.get("A-1")).toMatchObject({ state: "active", floor: 3 });
  expect(then.orders.get("O-1")).toMatchObject({ state: "drafted", expectedAt: at(90), people: 3 });
  expect(then.warnings).toEqual([{ code: "no_screen", order: "O-1", recipient: null }]);
});

test("each second shows what had happened by then and nothing that came later", () => {
  expect(stood(19.999).orders.get("O-1")?.state).toBe("drafted");
  expect(stood(20).orders.get("O-1")).toMatchObject({ state: "acknowledged", since: at(20) });
  expect(stood(35).orders.get("O-1")?.expectedAt).toBe(at(140));
  expect([stood(39).verification, stood(40).verification, stood(40).severity]).toEqual(["unverified", "confirmed", 4]);
  expect([stood(45).brigadeDue, stood(45).brigadeReported, stood(50).brigadeReported]).toEqual([at(40), null, at(50)]);
  expect([stood(600).verdict, stood(600).closed, stood(600).alarms.get("A-1")?.state]).toEqual(["real", false, "cleared"]);
});

test("at its end everything stands as the incident itself says", () => {
  const then = stoodAt(about, STORY, span(STORY)?.[1] ?? 0);
  expect([then.closed, then.orders.get("O-1")?.state]).toEqual([true, "closed"]);
});

test("before its first moment there is nothing, and without a timeline no span", () => {
  expect([stood(-1).open, stood(-1).orders.size]).toEqual([false, 0]);
  expect(span([])).toBeNull();
});

test("who was stood down stays so until somebody is asked for again", () => {
  const story = [entry(0, { fact: "stood_down", incident: I, by: "command:main" }), entry(5, { fact: "strength_raised", incident: I, people: 4, by: "person:P" })];
  expect([stoodAt(about, story, T0).stoodDown, stoodAt(about, story, T0 + 5_000).stoodDown]).toEqual([true, false]);
});

test("alarms that were split off are gone from then on, those that came from another incident are there", () => {
  const off = [STORY[0] as TimelineEntry, entry(60, { fact: "incident_split", incident: I, into: "I-2", alarms: ["A-1"], severity: 2, left_severity: 1, by: "command:main" })];
  const left = stoodAt(about, off, T0 + 60_000);
  expect([left.alarms.size, left.severity]).toEqual([0, 1]);
  const here = incident({ alarms: [{ id: "A-9", kind: "fire", device: "SMK-9", since: at(0), value: null }], orders: [after(order({ id: "O-9" }), "acknowledged", 30)] });
  const came = stoodAt(here, [entry(60, { fact: "incident_merged", incident: "I-2", into: I, alarms: ["A-9"], orders: ["O-9"], severity: 3, by: "command:main" })], T0 + 60_000);
  expect([came.alarms.get("A-9")?.device, came.orders.get("O-9")?.state, came.severity]).toEqual(["SMK-9", "acknowledged", 3]);
});

test("an incident that was merged into another is closed, and what another incident says of itself does not count", () => {
  const gone = [STORY[0] as TimelineEntry, entry(9, { fact: "incident_merged", incident: I, into: "I-2", alarms: ["A-1"], orders: ["O-1"], severity: 3, by: "x" })];
  const then = stoodAt(about, gone, T0 + 9_000);
  expect([then.closed, then.orders.size, then.alarms.size]).toEqual([true, 0, 0]);
  const foreign = [entry(1, { fact: "verdict_given", incident: "I-2", verdict: "false", by: "x" })];
  expect(stoodAt(about, foreign, T0 + 9_000).verdict).toBeNull();
});
