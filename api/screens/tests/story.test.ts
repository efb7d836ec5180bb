import { expect, test } from "vitest";
import type { Fact } from "../src/lib/contract";
import { tell } from "../src/lib/story";
import { at, incident } from "./orders";

const told = (...facts: Fact[]) => tell(incident({ timeline: [{ entry: 7, at: at(1), facts }] }));

test("an order's change is told with the name of its recipient, not its number", () => {
  const [line] = told({ fact: "order_changed", order: "O-000001", event: "acknowledge" });
  expect(line).toMatchObject({ key: "story.order_changed", weight: "strong", parts: { who: { who: "station:ST-01" } } });
});

test("an alarm's change is told with its detector", () => {
  const alarms = [{ id: "A-1", kind: "fire", device: "SMK-1", since: at(0), value: null }];
  const facts = [{ fact: "alarm_changed", alarm: "A-1", state: "restored" }];
  const [line] = tell(incident({ alarms, timeline: [{ entry: 1, at: at(2), facts }] }));
  expect(line?.parts["device"]).toEqual({ text: "SMK-1" });
});

test("what went wrong is a warning, what is mere transport is quiet", () => {
  const lines = told(
    { fact: "order_changed", order: "O-000001", event: "lapse" },
    { fact: "order_changed", order: "O-000001", event: "deliver" },
    { fact: "warned", code: "no_screen", recipient: "station:ST-01" },
  );
  expect(lines.map(({ weight }) => weight)).toEqual(["warning", "plain", "warning"]);
});

test("a draft tells the time of arrival only when it is known", () => {
  const draft = { fact: "order_drafted", recipient: "station:ST-01", kind: "respond", reason: "soonest" };
  expect(told({ ...draft, eta_s: 118 })[0]?.key).toBe("story.order_drafted_eta");
  expect(told(draft)[0]?.key).toBe("story.order_drafted");
});

test("a fact of a newer server is shown by its name, not dropped", () => {
  expect(told({ fact: "told_later" })[0]).toMatchObject({ key: "story.other", parts: { fact: { text: "told_later" } } });
});

test("without a timeline there is nothing to tell", () => {
  expect(tell(incident({ timeline: null }))).toEqual([]);
});

test("a timeline can be narrowed to orders, alarms, or what people did", () => {
  const topics = told(
    { fact: "alarm_acknowledged", alarm: "A-1", by: "command:main" },
    { fact: "order_changed", order: "O-000001", event: "deliver", by: "station:ST-01" },
    { fact: "order_changed", order: "O-000001", event: "arrive", by: "person:P-1" },
    { fact: "incident_closed" },
  ).map((line) => line.topics);
  expect(topics).toEqual([["alarms", "people"], ["orders"], ["orders", "people"], []]);
});

test("who pressed in a station's place is told beside whose order it was", () => {
  const [line] = told({ fact: "order_changed", order: "O-000001", event: "arrive", by: "person:P-1" });
  expect(line).toMatchObject({ key: "story.order_changed_by", parts: { who: { who: "station:ST-01" }, by: { who: "person:P-1" } } });
});
