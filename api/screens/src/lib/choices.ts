/** Which stations were weighed for each order, in the ranking's order, and why one was taken and the others were not. */
import type { Fact, TimelineEntry } from "./contract";

export interface Weighed {
  station: string;
  /** 1 for the best of the ranking. */
  rank: number;
  verdict: string;
  eta_s: number | null;
  method: string | null;
  crew: number | null;
  demoted: boolean;
  chosen: boolean;
}

export interface Choice {
  order: string;
  recipient: string;
  at: string;
  reason: string;
  tier: string | null;
  /** How many stations were weighed; the ledger keeps the first of them. */
  weighed: number;
  candidates: Weighed[];
}

interface Candidate {
  station: string;
  verdict: string;
  eta_s?: number | null;
  method?: string | null;
  crew?: number | null;
  demoted?: boolean;
}

export function choices(timeline: readonly TimelineEntry[]): Choice[] {
  return timeline.flatMap(({ at, facts }) => facts.filter(isWeighed).map((fact) => choice(fact, at)));
}

function isWeighed(fact: Fact): boolean {
  return fact.fact === "order_drafted" && Array.isArray(fact["candidates"]) && fact["candidates"].length > 0;
}

function choice(fact: Fact, at: string): Choice {
  const candidates = fact["candidates"] as Candidate[];
  const recipient = String(fact["recipient"]);
  return {
    order: String(fact["order"]),
    recipient,
    at,
    reason: String(fact["reason"]),
    tier: typeof fact["tier"] === "string" ? fact["tier"] : null,
    weighed: typeof fact["weighed"] === "number" ? fact["weighed"] : candidates.length,
    candidates: candidates.map((one, i) => ({
      station: one.station,
      rank: i + 1,
      verdict: one.verdict,
      eta_s: one.eta_s ?? null,
      method: one.method ?? null,
      crew: one.crew ?? null,
      demoted: one.demoted ?? false,
      chosen: recipient === `station:${one.station}`,
    })),
  };
}
