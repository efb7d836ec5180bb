/** The ledger as it grows, told line by line: what incidents say of themselves, and what else happens in the district. Pure. */
import type { Fact, Incident, TimelineEntry } from "./contract";
import { tell, type Line, type Part } from "./story";

export const SORTS = ["alarm", "incident", "order", "duty", "other"] as const;
export type Sort = (typeof SORTS)[number];

/** A line of the room of live events: `words` are what a text is looked for in, before names are put in. */
export interface Told extends Pick<Line, "entry" | "at" | "key" | "weight" | "parts"> {
  id: string;
  sort: Sort;
  incident: string | null;
}

/** What facts are about, by the word their names begin with. */
const BEGINNINGS: readonly [beginning: string, sort: Sort][] = [
  ["alarm_joined", "incident"],
  ["alarm_", "alarm"],
  ["incident_", "incident"],
  ["verdict_", "incident"],
  ["outcome_", "incident"],
  ["brigade_", "incident"],
  ["stood_", "incident"],
  ["warned", "incident"],
  ["order_", "order"],
  ["eta_", "order"],
  ["call_", "order"],
  ["strength_", "order"],
  ["handed_", "duty"],
  ["duty_", "duty"],
  ["blackout_", "duty"],
];

export function sortOf(fact: string): Sort {
  return BEGINNINGS.find(([beginning]) => fact.startsWith(beginning))?.[1] ?? "other";
}

/** What nobody needs to see pass by: when the desk looks again, what was measured from. */
const SILENT = new Set(["awaited", "alarm_tracked", "calling_planned", "call_tried", "frames_sent"]);

/** Who orders are for and which device alarms are of, learnt from what passes by. */
export interface Known {
  orders: Map<string, { recipient: string; incident: string }>;
  alarms: Map<string, string>;
}

export function learn(known: Known, entries: readonly TimelineEntry[]): void {
  for (const { facts } of entries) {
    for (const fact of facts) {
      if (fact.fact === "order_drafted") known.orders.set(text(fact["order"]), { recipient: text(fact["recipient"]), incident: text(fact["incident"]) });
      if (fact.fact === "alarm_raised") known.alarms.set(text(fact["alarm"]), text(fact["device"]));
    }
  }
}

/** The lines of these entries, in order. */
export function lines(entries: readonly TimelineEntry[], known: Known): Told[] {
  return entries.flatMap((entry) =>
    entry.facts.flatMap((fact, i): Told[] => {
      if (SILENT.has(fact.fact)) return [];
      const told = tellDuty(fact) ?? tell(about(fact, entry, known))[0];
      if (told === undefined) return [];
      const { key, weight, parts } = told;
      const line = { entry: entry.entry, at: entry.at, key, weight, parts };
      return [{ ...line, id: `${entry.entry}.${i}`, sort: sortOf(fact.fact), incident: incidentOf(fact, known) }];
    }),
  );
}

/** The fact as the only thing that happened in an incident: so that both tell it in the same words. */
function about(fact: Fact, entry: TimelineEntry, known: Known): Incident {
  const order = known.orders.get(text(fact["order"]));
  const device = known.alarms.get(text(fact["alarm"]));
  return {
    orders: order === undefined ? [] : [{ id: fact["order"], recipient: order.recipient }],
    alarms: device === undefined ? [] : [{ id: fact["alarm"], device }],
    timeline: [{ ...entry, facts: [fact] }],
  } as unknown as Incident;
}

function tellDuty(fact: Fact): Pick<Line, "key" | "weight" | "parts"> | null {
  const station: Part = { who: `station:${text(fact["station"])}` };
  const by: Part = { who: text(fact["by"]) };
  const code: Part = { text: text(fact["code"]) };
  switch (fact.fact) {
    case "handed_over":
      return { key: "live.handed_over", weight: "strong", parts: { station, people: { text: String((fact["people"] as unknown[])?.length ?? 0) } } };
    case "duty_check_sent":
      return { key: "live.check_sent", weight: "plain", parts: { station } };
    case "duty_check_answered":
      return { key: "live.check_answered", weight: "plain", parts: { station, by } };
    case "duty_check_missed":
      return { key: "live.check_missed", weight: "warning", parts: { station } };
    case "blackout_opened":
      return { key: "live.blackout_opened", weight: "warning", parts: { by, noun: { word: "noun", code: text(fact["noun"]) }, code } };
    case "blackout_ended":
      return { key: "live.blackout_ended", weight: "plain", parts: { code: { text: text(fact["blackout"]) } } };
    case "alarm_joined":
      return { key: "live.alarm_joined", weight: "plain", parts: { alarm: { text: text(fact["alarm"]) }, incident: { text: text(fact["incident"]) } } };
    default:
      return null;
  }
}

function incidentOf(fact: Fact, known: Known): string | null {
  return text(fact["incident"]) || known.orders.get(text(fact["order"]))?.incident || null;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
