import { expect, test } from "vitest";
import { gathered, standing } from "../src/lib/warnings";
import { after, at, incident, order } from "./orders";

const noScreen = { code: "no_screen", order: "O-000001", recipient: "station:ST-01" };

test("a station without a screen needs a telephone call until it has answered", () => {
  expect(standing(incident({ warnings: [noScreen] }))).toEqual([noScreen]);
  expect(standing(incident({ warnings: [noScreen], orders: [after(order(), "acknowledged", 30)] }))).toEqual([]);
});

test("nothing needs a person once everybody was stood down or it was judged to be no fire", () => {
  const warnings = [noScreen, { code: "nobody_left" }];
  const orders = [after(order(), "cancelled", 30)];
  expect(standing(incident({ warnings, orders, stood_down: true }))).toEqual([]);
  expect(standing(incident({ warnings, verdict: "false", judged_at: at(60) }))).toEqual([]);
});

test("the brigade that could not be told by itself needs a call until somebody has called", () => {
  const warnings = [{ code: "brigade_not_told" }];
  const words = { zh: { text: "" }, en: { text: "" } };
  const brigade = { due_since: at(1), reason: "confirmed" as const, wording: words, reported_by: null, case_number: null };
  expect(standing(incident({ warnings, brigade: { ...brigade, reported_at: null } }))).toEqual(warnings);
  expect(standing(incident({ warnings, brigade: { ...brigade, reported_at: at(50) } }))).toEqual([]);
});

test("each sort of trouble is told once, with whom it is about", () => {
  const warnings = [noScreen, { code: "nobody_left" }, { ...noScreen, order: "O-2", recipient: "station:ST-02" }, { ...noScreen, order: "O-3" }];
  expect(gathered(incident({ warnings }))).toEqual([
    { code: "no_screen", recipients: ["station:ST-01", "station:ST-02"] },
    { code: "nobody_left", recipients: [] },
  ]);
});
