import { expect, test } from "vitest";
import type { Fact } from "../src/lib/contract";
import { draft, type Draft } from "../src/lib/draft";
import { after, at, incident, order, T0 } from "./orders";

const crewed = after(after({ ...order(), people: 3 }, "acknowledged", 27), "arrived", 150);
const timeline = [
  { entry: 1, at: at(0), facts: [{ fact: "incident_opened", incident: "I-000001", kind: "fire", source: "device" }] as Fact[] },
  { entry: 4, at: at(44), facts: [{ fact: "incident_verified", incident: "I-000001", verification: "confirmed", by: "control_room:P-1" }] as Fact[] },
];
const names: Record<string, string> = { "station:ST-01": "文康站", "control_room:P-1": "丰浦消防控制室", "command:main": "指挥中心", "person:L-1": "王某" };
const asked = (over: Partial<Draft> = {}): Draft => ({
  kind: "first",
  language: "zh",
  incident: incident({ verification: "confirmed", severity: 4, orders: [crewed, order({ id: "O-2", kind: "attend", recipient: "person:L-1" })] }),
  timeline,
  who: (one) => names[one] ?? one,
  now: T0 + 200_000,
  ...over,
});

test("a first report says who called, where, what is known, who was sent and what is not known yet", () => {
  const text = draft(asked());
  expect(text).toContain("关于丰浦商务中心火警的首报");
  expect(text).toContain("接探测器报警，丰浦商务中心（金华路12号）12 层 1203发生火警，警情编号 I-000001");
  expect(text).toMatch(/丰浦消防控制室 于 \d\d:\d\d:\d\d 已确认火情/);
  expect(text).toMatch(/文康站（\d\d:\d\d:\d\d 调派、.*已接令、.*已到场）/);
  expect(text).toContain("通知 王某 等 1 人");
  expect(text).toContain("伤亡及损失：正在核实");
  expect(text).not.toContain("演练");
  expect(text).not.toMatch(/\{\w+\}/);
});

test("the report of a drill says so before anything else, in both languages", () => {
  const drill = { ...asked().incident, drill: true };
  expect(draft(asked({ incident: drill })).split("\n")[1]).toContain("演练");
  expect(draft(asked({ incident: drill, language: "en" })).split("\n")[1]).toContain("EXERCISE");
});

test("a follow-up is numbered and tells what came since the report before", () => {
  const text = draft(asked({ kind: "followup", followups: 1, before: at(10) }));
  expect(text).toContain("续报（第 2 次）");
  expect(text).toContain("丰浦消防控制室：已确认火情");
  expect(text).not.toContain("警情建立");
  expect(draft(asked({ kind: "followup", before: at(100) }))).toContain("无新情况");
});

test("a final report has verdict, cause, losses, and what is still to be reported", () => {
  const judged = { fact: "verdict_given", incident: "I-000001", verdict: "real", by: "command:main" };
  const closed = {
    ...asked().incident,
    state: "closed" as const,
    closed_at: at(3_600),
    verdict: "real" as const,
    cause: "e_bike",
    outcome: { dead: 0, area_m2: 2.5, put_out_by: "station" },
    report_missing: ["handed_over_to"],
  };
  const text = draft(asked({ kind: "final", incident: closed, timeline: [...timeline, { entry: 9, at: at(3_000), facts: [judged] }] }));
  expect(text).toContain("真实火警，原因 电动自行车");
  expect(text).toContain("死亡 0 人、过火面积 2.5 m²");
  expect(text).toContain("历时 1 小时 0 分");
  expect(text).toContain("扑灭者 微型消防站");
  expect(text).toContain("待补报：移交给");
  expect(text).not.toContain("续报");
});

test("the same is told in English without a Chinese word but names", () => {
  const text = draft(asked({ kind: "final", language: "en", who: () => "somebody", incident: { ...asked().incident, place: { ...crewed.place, name: "Tower", address: "1 Main St", room: "12A" } } }));
  expect(text).toContain("Final report: Fire, Tower");
  expect(text).not.toMatch(/\p{Script=Han}/u);
});
