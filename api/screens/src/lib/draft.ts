/** The first, follow-up and final report of an incident (首报、续报、终报), drafted from what the ledger says. Pure. */
import { crews, when } from "./orders";
import { incidentElapsed, incidentMilestones, stopwatch } from "./clocks";
import type { Incident, Order, TimelineEntry, WrittenReport } from "./contract";
import { clock, duration, inside } from "./format";
import { COUNTS, TIMES } from "./outcome";
import { tell } from "./story";
import { say, type Language } from "./strings";
import { coded, told, type Who } from "./telling";

export type PaperKind = WrittenReport["kind"];
export const PAPERS: readonly PaperKind[] = ["first", "followup", "final"];

export interface Draft {
  kind: PaperKind;
  language: Language;
  incident: Incident;
  timeline: readonly TimelineEntry[];
  who: Who;
  /** Milliseconds of epoch at which it is drafted. */
  now: number;
  /** When the report before was saved, and how many follow-ups there are already. */
  before?: string | null;
  followups?: number;
}

/** Local day and time to the second. */
export function stamp(language: Language, at: number | string): string {
  const day = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { year: "numeric", month: "long", day: "numeric" }).format(new Date(at));
  return say(language, "paper.stamp", { day, clock: clock(at) });
}

export function draft(asked: Draft): string {
  const { kind, language, incident } = asked;
  const lines = [title(asked)];
  if (incident.drill) lines.push(say(language, "paper.drill"));
  lines.push(say(language, "paper.sent", { time: stamp(language, asked.now) }), "");
  lines.push(call(asked), situation(asked), forces(asked), clocks(asked), brigade(asked), harm(asked));
  if (kind === "followup") lines.push(...since(asked));
  if (kind === "final") lines.push(finding(asked), ending(asked));
  else lines.push(say(language, "paper.next"));
  return lines.join("\n");
}

const listed = (language: Language, parts: readonly string[]): string => parts.filter(Boolean).join(say(language, "list.comma"));
const joined = (language: Language, parts: readonly string[]): string => parts.filter(Boolean).join(say(language, "list.semicolon"));
const placeName = ({ language, incident }: Draft): string => incident.place.name ?? say(language, "place.point");

function title(asked: Draft): string {
  const { language, kind, incident } = asked;
  const values = { place: placeName(asked), kind: coded(language, "incident", incident.kind), paper: say(language, `paper.${kind}`) };
  if (kind !== "followup") return say(language, "paper.title", values);
  return say(language, "paper.title_nth", { ...values, n: (asked.followups ?? 0) + 1 });
}

function call(asked: Draft): string {
  const { language, incident } = asked;
  const within = inside(language, incident.place);
  return say(language, "paper.call", {
    time: stamp(language, incident.opened_at),
    source: coded(language, "source", incident.source),
    place: placeName(asked),
    address: incident.place.address ? say(language, "paper.address", { address: incident.place.address }) : "",
    inside: within ? say(language, "paper.inside", { inside: within }) : "",
    kind: coded(language, "incident", incident.kind),
    id: incident.id,
    case: incident.case_number ? say(language, "paper.case", { number: incident.case_number }) : "",
  });
}

/** A report names so many of each; the rest is counted. */
const NAMED = 8;

function situation(asked: Draft): string {
  const { language, incident } = asked;
  const alarms = incident.alarms.slice(0, NAMED).map((alarm) => `${inside(language, alarm)} ${alarm.device} ${coded(language, "alarm", alarm.kind)}`.trim());
  const further = (incident.places ?? []).slice(1).flatMap(({ name, code }) => name ?? code ?? []);
  const controlled = earliest(incident.orders, "controlled");
  const parts = [
    incident.alarms.length > 0
      ? say(language, "paper.by_alarms", { count: incident.alarms.length, list: listed(language, alarms) })
      : say(language, "paper.by_hand"),
    further.length > 0 ? say(language, "paper.places", { list: listed(language, further) }) : "",
    verified(asked),
    say(language, "paper.severity", { level: incident.severity }),
    controlled === null ? "" : say(language, "paper.controlled", { time: clock(controlled) }),
  ];
  return say(language, "paper.state", { parts: joined(language, parts) });
}

function verified(asked: Draft): string {
  const { language, timeline, incident, who } = asked;
  const facts = timeline.flatMap(({ at, facts }) => facts.map((fact) => ({ at, fact })));
  const last = facts.findLast(({ fact }) => fact.fact === "incident_verified");
  if (incident.verification === "unverified") return say(language, "paper.unverified");
  const what = coded(language, "verification", incident.verification);
  if (last === undefined) return what;
  return say(language, "paper.verified", { who: who(String(last.fact["by"])), time: clock(last.at), what });
}

function earliest(orders: readonly Order[], event: string): string | null {
  return orders.flatMap((order) => when(order, event) ?? []).sort()[0] ?? null;
}

function forces(asked: Draft): string {
  const { language, incident, who } = asked;
  const responding = incident.orders.filter(({ kind }) => kind === "respond");
  const others = incident.orders.filter(({ kind }) => kind !== "respond");
  if (incident.orders.length === 0) return say(language, "paper.forces_none");
  const names = [...new Set(others.map(({ recipient }) => who(recipient)))];
  const people = responding.filter(({ state }) => !["declined", "lapsed", "cancelled"].includes(state));
  const parts = [
    responding.length === 0
      ? ""
      : say(language, "paper.forces_sum", {
          stations: new Set(responding.map(({ recipient }) => recipient)).size,
          people: people.reduce((sum, order) => sum + (order.people ?? 1), 0),
          there: incident.calling?.there ?? crews(incident).there,
          coming: incident.calling?.on_the_way ?? crews(incident).coming,
        }),
    ...responding.slice(0, NAMED).map((order) => crew(asked, order)),
    names.length > 0 ? say(language, "paper.told", { list: listed(language, names.slice(0, NAMED)), count: names.length }) : "",
    incident.stood_down ? say(language, "paper.stood_down") : "",
  ];
  return say(language, "paper.forces", { parts: joined(language, parts) });
}

const STEPS = ["acknowledged", "turned_out", "arrived", "controlled", "closed", "declined", "lapsed", "cancelled"] as const;

function crew({ language, who }: Draft, order: Order): string {
  const steps = STEPS.flatMap((step) => {
    const at = when(order, step);
    return at === null ? [] : [say(language, "paper.step", { time: clock(at), what: coded(language, "state", step) })];
  });
  const expected = order.eta_at ? [say(language, "paper.expected", { time: clock(order.eta_at) })] : [];
  const all = [say(language, "paper.called_at", { time: clock(order.drafted_at) }), ...steps, ...(when(order, "arrived") === null ? expected : [])];
  return say(language, "paper.crew", { who: who(order.recipient), steps: listed(language, all) });
}

function clocks({ language, incident, now }: Draft): string {
  const parts = incidentMilestones(incident, now).map((milestone) => {
    const name = say(language, `clock.${milestone.name}`);
    if (milestone.done === null) return say(language, "paper.clock_open", { name });
    const standing = say(language, `standing.${milestone.standing}`);
    return say(language, "paper.clock_done", { name, time: stopwatch(milestone.shown), standing });
  });
  return parts.length === 0 ? say(language, "paper.clocks_none") : say(language, "paper.clocks", { parts: joined(language, parts) });
}

function brigade({ language, incident, who }: Draft): string {
  const told = incident.brigade;
  const number = told?.case_number ? say(language, "paper.case", { number: told.case_number }) : "";
  const text = told?.reported_at
    ? say(language, "paper.brigade_done", { who: who(told.reported_by ?? ""), time: clock(told.reported_at), case: number })
    : told?.due_since
      ? say(language, "paper.brigade_due", { why: coded(language, "brigade", told.reason ?? "") })
      : say(language, "paper.brigade_none");
  return say(language, "paper.brigade", { text });
}

/** A figure of the outcome in words. */
export function figure(language: Language, name: string, value: unknown): string {
  if ((TIMES as readonly string[]).includes(name)) return stamp(language, String(value));
  if (name === "area_m2") return `${String(value)} m²`;
  if ((COUNTS as readonly string[]).includes(name)) return say(language, "outcome.people", { count: String(value) });
  return coded(language, `outcome.${name}`, String(value));
}

function figures({ language, incident }: Draft, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = incident.outcome?.[name];
    return value === undefined || value === null ? [] : [say(language, "paper.figure", { name: coded(language, "outcome", name), value: figure(language, name, value) })];
  });
}

function harm(asked: Draft): string {
  const { language, incident } = asked;
  const known = figures(asked, [...COUNTS, "area_m2"]);
  const none = incident.verdict !== null && incident.verdict !== "real";
  const text = known.length > 0 ? listed(language, known) : say(language, none ? "paper.harm_none" : "paper.harm_unknown");
  return say(language, "paper.harm", { text });
}

/** What a follow-up tells at most; more is in the printed report. */
const SINCE_AT_MOST = 30;

function since(asked: Draft): string[] {
  const { language, incident, timeline, who } = asked;
  const from = asked.before ?? incident.opened_at;
  const lines = tell({ ...incident, timeline: [...timeline] }).filter(({ at, weight }) => weight !== "plain" && Date.parse(at) > Date.parse(from));
  if (lines.length === 0) return [say(language, "paper.since_nothing", { time: clock(from) })];
  const shown = lines.slice(-SINCE_AT_MOST).map((line) => say(language, "paper.line", { time: clock(line.at), text: told(language, line, incident, who) }));
  return [say(language, "paper.since", { time: clock(from) }), ...shown];
}

function finding({ language, incident, timeline, who }: Draft): string {
  const facts = timeline.flatMap(({ at, facts }) => facts.map((fact) => ({ at, fact })));
  const given = facts.findLast(({ fact }) => fact.fact === "verdict_given");
  if (incident.verdict === null) return say(language, "paper.finding", { text: say(language, "paper.finding_none") });
  const text = say(language, "paper.finding_given", {
    verdict: coded(language, "verdict", incident.verdict),
    cause: incident.cause ? say(language, "paper.finding_cause", { cause: coded(language, "cause", incident.cause) }) : "",
    time: clock(given?.at ?? incident.judged_at ?? incident.opened_at),
    who: given === undefined ? "" : who(String(given.fact["by"])),
  });
  return say(language, "paper.finding", { text });
}

function ending(asked: Draft): string {
  const { language, incident } = asked;
  const missing = (incident.report_missing ?? []).map((name) => coded(language, "outcome", name));
  const parts = [
    incident.closed_at === null
      ? say(language, "paper.open")
      : say(language, "paper.closed", { time: stamp(language, incident.closed_at), took: duration(language, incidentElapsed(incident, asked.now)) }),
    ...figures(asked, ["put_out_by", "handed_over_to", "watched_until", "returned_at"]),
    missing.length > 0 ? say(language, "paper.missing", { list: listed(language, missing) }) : "",
  ];
  return say(language, "paper.ending", { text: joined(language, parts) });
}
