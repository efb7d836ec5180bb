/** An incident's timeline told in lines: each fact of the ledger as a string's key with its values. */
import type { Fact, Incident } from "./contract";
import { clock } from "./format";
import type { Key } from "./strings";

/** A value to be put into a string: itself, or a word under a prefix, or somebody's name. */
export type Part =
  | { text: string }
  | { word: string; code: string }
  | { who: string }
  | { seconds: number }
  | { note: string };

/** What a timeline can be narrowed to: orders and calls, alarms, what people did. */
export const TOPICS = ["orders", "alarms", "people"] as const;
export type Topic = (typeof TOPICS)[number];

export interface Line {
  /** The same line's name whenever the timeline is told again. */
  id: string;
  entry: number;
  at: string;
  topics: readonly Topic[];
  key: Key;
  parts: Record<string, Part>;
  /** How loud the line is. */
  weight: "strong" | "plain" | "warning";
}

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export function tell(incident: Incident): Line[] {
  const codes = new Map([
    ...incident.orders.map((order): [string, string] => [order.id, order.recipient]),
    ...incident.alarms.map((alarm): [string, string] => [alarm.id ?? "", alarm.device]),
  ]);
  return (incident.timeline ?? []).flatMap((entry) =>
    entry.facts.flatMap((fact, i) => {
      const line = tellFact(fact, codes);
      return line === null ? [] : [{ id: `${entry.entry}.${i}`, entry: entry.entry, at: entry.at, topics: topicsOf(fact), ...line }];
    }),
  );
}

const ABOUT_ORDERS = new Set(["order_drafted", "order_changed", "eta_revised", "call_planned", "call_ended", "warned", "strength_raised", "stood_down"]);

/** Whether a person did it: `by` names who pressed, not the clock and not a reason. */
const byPerson = (fact: Fact): boolean =>
  /^(person|station|control_room|command|admin|viewer):/.test(text(fact["by"])) && !["send", "deliver"].includes(text(fact["event"]));

function topicsOf(fact: Fact): Topic[] {
  return [
    ...(ABOUT_ORDERS.has(fact.fact) ? (["orders"] as const) : []),
    ...(fact.fact.startsWith("alarm_") ? (["alarms"] as const) : []),
    ...(byPerson(fact) ? (["people"] as const) : []),
  ];
}

type Told = Omit<Line, "id" | "entry" | "at" | "topics"> | null;

/** `codes`: order → its recipient, alarm → its device. */
function tellFact(fact: Fact, codes: ReadonlyMap<string, string>): Told {
  switch (fact.fact) {
    case "alarm_raised":
      return line("story.alarm_raised", "strong", { device: { text: text(fact["device"]) }, kind: word("alarm", fact["kind"]) });
    case "alarm_changed":
      return alarmChanged(fact, codes);
    case "alarm_held":
      return fact["held"] === undefined ? null : line("story.alarm_held", "plain", { device: device(fact, codes), state: word("alarm.held", fact["held"]) });
    case "alarm_graded":
      return line("story.alarm_graded", "plain", { device: device(fact, codes), state: word("alarm.level", fact["level"]) });
    case "alarm_blackout":
      return line(fact["blackout"] === undefined ? "story.alarm_blackout_over" : "story.alarm_blackout", "warning", { device: device(fact, codes) });
    case "alarm_stale":
      return line("story.alarm_stale", "plain", { device: device(fact, codes) });
    case "alarm_tracked":
    case "awaited":
      return null; // what is measured from, and when the desk looks again: nothing has happened yet
    case "alarm_acknowledged":
      return line("story.alarm_acknowledged", "plain", { device: device(fact, codes), who: who(fact["by"]) });
    case "incident_opened":
      return line("story.incident_opened", "strong", {
        kind: word("incident", fact["kind"]),
        source: word("source", fact["source"]),
        note: { note: text(fact["note"]) },
      });
    case "alarm_joined":
      return null; // the alarm itself was told, and that it is here shows that it joined
    case "incident_verified":
      return line("story.incident_verified", "strong", { what: word("verification", fact["verification"]), who: who(fact["by"]) });
    case "incident_split":
      return line("story.incident_split", "strong", { who: who(fact["by"]), into: { text: text(fact["into"]) } });
    case "incident_merged":
      return line("story.incident_merged", "strong", {
        who: who(fact["by"]),
        incident: { text: text(fact["incident"]) },
        into: { text: text(fact["into"]) },
      });
    case "warned":
      return line("story.warned", "warning", { what: word("warning.short", fact["code"]), who: who(fact["recipient"]) });
    case "order_drafted":
      return drafted(fact);
    case "order_changed":
      return changed(fact, codes);
    case "member_answered":
      return line("story.member_answered", "plain", {
        who: who(`person:${text(fact["person"])}`),
        answer: word("member", fact["answer"]),
      });
    case "photo_taken":
      return line("story.photo_taken", "plain", { who: who(fact["by"]), note: { note: text(fact["note"]) } });
    case "eta_revised":
      return line("story.eta_revised", "plain", {
        who: who(fact["by"]),
        time: { text: clock(text(fact["arrive_at"])) },
        method: word("eta", fact["method"]),
      });
    case "call_planned":
      return line("story.call_planned", "plain", { who: who(fact["recipient"]), kind: word("call", fact["kind"]) });
    case "call_tried":
      return null; // how it ended is told
    case "call_ended":
      return line("story.call_ended", fact["outcome"] === "failed" ? "warning" : "plain", {
        call: { text: text(fact["call"]) },
        outcome: word("call.outcome", fact["outcome"]),
      });
    case "strength_raised":
      return line("story.strength_raised", "strong", { who: who(fact["by"]), people: { text: text(fact["people"]) } });
    case "calling_planned":
      return null; // its orders are told, and what comes next is the incident's `calling`
    case "brigade_due":
      return line("story.brigade_due", "warning", { why: word("brigade", fact["reason"]) });
    case "brigade_reported":
      return line(fact["case_number"] ? "story.brigade_reported_case" : "story.brigade_reported", "strong", {
        who: who(fact["by"]),
        number: { text: text(fact["case_number"]) },
        note: { note: text(fact["note"]) },
      });
    case "stood_down":
      return line("story.stood_down", "strong", { who: who(fact["by"]), note: { note: text(fact["note"]) } });
    case "verdict_given":
      return line(fact["cause"] ? "story.verdict_given_cause" : "story.verdict_given", "strong", {
        verdict: word("verdict", fact["verdict"]),
        cause: word("cause", fact["cause"]),
        who: who(fact["by"]),
        note: { note: text(fact["note"]) },
      });
    case "outcome_reported":
      return line("story.outcome_reported", "strong", { who: who(fact["by"]), note: { note: text(fact["note"]) } });
    case "incident_closed":
      return line("story.incident_closed", "strong", {});
    default:
      return line("story.other", "plain", { fact: { text: fact.fact } });
  }
}

function drafted(fact: Fact): Told {
  if (fact["by"] !== undefined && fact["by"] !== null) {
    return line("story.order_called", "strong", {
      by: who(fact["by"]),
      who: who(fact["recipient"]),
      kind: word("order", fact["kind"]),
      note: { note: text(fact["note"]) },
    });
  }
  const parts = {
    who: who(fact["recipient"]),
    kind: word("order", fact["kind"]),
    reason: word("reason", fact["reason"]),
    eta: { seconds: Number(fact["eta_s"] ?? 0) },
  };
  return line(fact["eta_s"] === undefined || fact["eta_s"] === null ? "story.order_drafted" : "story.order_drafted_eta", "strong", parts);
}

function changed(fact: Fact, codes: ReadonlyMap<string, string>): Told {
  const recipient = codes.get(text(fact["order"])) ?? text(fact["order"]);
  const quiet = fact["event"] === "send" || fact["event"] === "deliver";
  const bad = fact["event"] === "lapse" || fact["event"] === "decline";
  const parts = {
    who: who(recipient),
    what: word("event", fact["event"]),
    reason: word("decline", fact["reason"]),
    by: who(fact["by"]),
    note: { note: text(fact["note"]) },
  };
  if (fact["event"] === "decline" && text(fact["reason"]) !== "") return line("story.order_declined", "warning", parts);
  // somebody of the station, or command in its place: who it was is told beside whose order it is
  if (byPerson(fact) && text(fact["by"]) !== recipient) return line("story.order_changed_by", bad ? "warning" : "strong", parts);
  return line("story.order_changed", bad ? "warning" : quiet ? "plain" : "strong", parts);
}

function alarmChanged(fact: Fact, codes: ReadonlyMap<string, string>): Told {
  const parts = { device: device(fact, codes), state: word("alarm.state", fact["state"]), who: who(fact["by"]) };
  return byPerson(fact) ? line("story.alarm_changed_by", "strong", parts) : line("story.alarm_changed", "plain", parts);
}

function device(fact: Fact, codes: ReadonlyMap<string, string>): Part {
  return { text: codes.get(text(fact["alarm"])) ?? text(fact["alarm"]) };
}

function line(key: Key, weight: Line["weight"], parts: Record<string, Part>): Told {
  return { key, weight, parts };
}

function word(prefix: string, code: unknown): Part {
  return { word: prefix, code: text(code) };
}

function who(recipient: unknown): Part {
  return { who: text(recipient) };
}
