/** How an incident stood at any moment, folded from its timeline and nothing else. Pure. */
import type { Fact, Incident, OrderAlarm, OrderKind, OrderState, TimelineEntry, Verdict } from "./contract";

export interface AlarmThen {
  id: string;
  device: string;
  kind: string;
  state: NonNullable<OrderAlarm["state"]>;
  level: string;
  floor: number | null;
  room: string | null;
  acknowledgedBy: string | null;
}

export interface OrderThen {
  id: string;
  recipient: string;
  kind: OrderKind;
  reason: string;
  state: OrderState;
  /** Since when it is in this state. */
  since: string;
  draftedAt: string;
  /** When arrival is expected, as last estimated; null where it is not known. */
  expectedAt: string | null;
  people: number | null;
}

/** The incident as it stood. Before it was opened `open` is false and everything else as when it began. */
export interface Then {
  open: boolean;
  closed: boolean;
  severity: number;
  verification: Incident["verification"];
  verdict: Verdict | null;
  stoodDown: boolean;
  brigadeDue: string | null;
  brigadeReported: string | null;
  alarms: ReadonlyMap<string, AlarmThen>;
  orders: ReadonlyMap<string, OrderThen>;
  warnings: readonly { code: string; order: string | null; recipient: string | null }[];
}

/** From the first to the last moment of the timeline, milliseconds of epoch; null without one. */
export function span(timeline: readonly TimelineEntry[]): [number, number] | null {
  const first = timeline[0];
  const last = timeline.at(-1);
  return first === undefined || last === undefined ? null : [Date.parse(first.at), Date.parse(last.at)];
}

/** How the incident stood at `at` (milliseconds of epoch), every entry up to and of that moment included. */
export function stoodAt(incident: Pick<Incident, "id" | "alarms" | "orders">, timeline: readonly TimelineEntry[], at: number): Then {
  const then = new Fold(incident);
  for (const entry of timeline) {
    if (Date.parse(entry.at) > at) break;
    for (const fact of entry.facts) then.take(fact, entry.at);
  }
  return then;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);

class Fold implements Then {
  open = false;
  closed = false;
  severity = 1;
  verification: Incident["verification"] = "unverified";
  verdict: Verdict | null = null;
  stoodDown = false;
  brigadeDue: string | null = null;
  brigadeReported: string | null = null;
  readonly alarms = new Map<string, AlarmThen>();
  readonly orders = new Map<string, OrderThen>();
  readonly warnings: { code: string; order: string | null; recipient: string | null }[] = [];

  constructor(private readonly about: Pick<Incident, "id" | "alarms" | "orders">) {}

  take(fact: Fact, at: string): void {
    switch (fact.fact) {
      case "alarm_raised":
        this.raised(fact);
        return;
      case "alarm_changed":
        this.alarm(fact, { state: text(fact["state"]) as AlarmThen["state"] });
        return;
      case "alarm_graded":
        this.alarm(fact, { level: text(fact["level"]) });
        return;
      case "alarm_acknowledged":
        this.alarm(fact, { acknowledgedBy: text(fact["by"]) });
        return;
      case "order_drafted":
        this.drafted(fact, at);
        return;
      case "order_changed":
        this.ordered(fact, { state: text(fact["state"]) as OrderState, since: at });
        return;
      case "eta_revised":
        this.ordered(fact, { expectedAt: text(fact["arrive_at"]) });
        return;
      case "incident_split":
      case "incident_merged":
        this.moved(fact, at);
        return;
      default:
        if (text(fact["incident"]) === this.about.id) this.incident(fact, at);
    }
  }

  private incident(fact: Fact, at: string): void {
    switch (fact.fact) {
      case "incident_opened":
        this.open = true;
        this.severity = numberOr(fact["severity"]) ?? this.severity;
        return;
      case "alarm_joined":
        this.known(text(fact["alarm"]));
        this.severity = numberOr(fact["severity"]) ?? this.severity;
        if (fact["quiet"] !== true) this.stoodDown = false;
        return;
      case "incident_verified":
        this.verification = text(fact["verification"]) as Incident["verification"];
        this.severity = numberOr(fact["severity"]) ?? this.severity;
        if (this.verification === "confirmed") this.stoodDown = false;
        return;
      case "strength_raised":
        this.stoodDown = false;
        return;
      case "stood_down":
        this.stoodDown = true;
        return;
      case "verdict_given":
        this.verdict = text(fact["verdict"]) as Verdict;
        return;
      case "brigade_due":
        this.brigadeDue ??= at;
        return;
      case "brigade_reported":
        this.brigadeReported = at;
        return;
      case "warned":
        this.warnings.push({ code: text(fact["code"]), order: textOr(fact["order"]), recipient: textOr(fact["recipient"]) });
        return;
      case "incident_closed":
        this.closed = true;
    }
  }

  private raised(fact: Fact): void {
    const id = text(fact["alarm"]);
    this.alarms.set(id, {
      id,
      device: text(fact["device"]),
      kind: text(fact["kind"]),
      state: fact["held"] ? "pending" : "active",
      level: text(fact["level"]) || "alarm",
      floor: numberOr(fact["floor"]),
      room: textOr(fact["room"]),
      acknowledgedBy: null,
    });
  }

  /** An alarm that was raised before it came here stands in another timeline: what it is, is known from the incident. */
  private known(id: string): AlarmThen | undefined {
    const found = this.about.alarms.find((alarm) => alarm.id === id);
    if (!this.alarms.has(id) && found !== undefined) {
      const { device, kind, floor = null, room = null, level = "alarm" } = found;
      this.alarms.set(id, { id, device, kind, floor, room, level, state: "active", acknowledgedBy: null });
    }
    return this.alarms.get(id);
  }

  private alarm(fact: Fact, changes: Partial<AlarmThen>): void {
    const before = this.known(text(fact["alarm"]));
    if (before !== undefined) this.alarms.set(before.id, { ...before, ...changes });
  }

  private drafted(fact: Fact, at: string): void {
    const id = text(fact["order"]);
    const eta = numberOr(fact["eta_s"]);
    this.orders.set(id, {
      id,
      recipient: text(fact["recipient"]),
      kind: text(fact["kind"]) as OrderKind,
      reason: text(fact["reason"]),
      state: "drafted",
      since: at,
      draftedAt: at,
      expectedAt: eta === null ? null : new Date(Date.parse(at) + eta * 1_000).toISOString(),
      people: numberOr(fact["crew"]),
    });
  }

  private ordered(fact: Fact, changes: Partial<OrderThen>): void {
    const id = text(fact["order"]);
    const before = this.orders.get(id);
    if (before !== undefined) this.orders.set(id, { ...before, ...changes });
  }

  /** Alarms (and of a merger orders) left for another incident, or came from one. */
  private moved(fact: Fact, at: string): void {
    const alarms = (fact["alarms"] as string[] | undefined) ?? [];
    const orders = (fact["orders"] as string[] | undefined) ?? [];
    if (text(fact["into"]) === this.about.id) {
      alarms.forEach((id) => this.known(id));
      orders.forEach((id) => this.came(id, at));
      this.severity = numberOr(fact["severity"]) ?? this.severity;
      return;
    }
    alarms.forEach((id) => this.alarms.delete(id));
    orders.forEach((id) => this.orders.delete(id));
    if (fact.fact === "incident_merged") this.closed = true;
    else this.severity = numberOr(fact["left_severity"]) ?? this.severity;
  }

  /** An order that came with a merger had its own story before: it stands as its history says it stood then. */
  private came(id: string, at: string): void {
    const found = this.about.orders.find((order) => order.id === id);
    if (found === undefined || this.orders.has(id)) return;
    const before = found.history.filter((step) => Date.parse(step.at) <= Date.parse(at));
    const last = before.findLast(({ event }) => STATES.has(event as OrderState));
    this.orders.set(id, {
      id,
      recipient: found.recipient,
      kind: found.kind,
      reason: found.reason,
      state: (last?.event as OrderState | undefined) ?? "drafted",
      since: last?.at ?? found.drafted_at,
      draftedAt: found.drafted_at,
      expectedAt: found.eta_at ?? null,
      people: found.people ?? null,
    });
  }
}

const STATES: ReadonlySet<OrderState> = new Set([
  "drafted", "sent", "delivered", "acknowledged", "turned_out", "arrived", "controlled", "closed", "declined", "lapsed", "cancelled",
]);
