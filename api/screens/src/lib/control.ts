/** What is decided about a control room's order: how far verifying has come, and what of the linkage is done. Pure. */
import type { Brigade, Incident, Order } from "./contract";
import { isEnded } from "./orders";

/** `asked`: nobody has said yet whether it is real. */
export type Phase = "asked" | "real" | "false" | "over";

/**
 * How far it is. A word said by somebody else counts too, as the incident tells it: a patrol on the floor may be faster.
 * A confirmation outlives a later word of a false alarm, as it does at the desk.
 */
export function phaseOf(order: Order, incident: Incident | undefined): Phase {
  if (isEnded(order) && order.state !== "lapsed") return "over";
  const said = new Set(order.history.map(({ event }) => event));
  if (incident?.verification === "confirmed" || said.has("fire_confirmed")) return "real";
  if (incident?.verification === "false" || said.has("reported_false")) return "false";
  return "asked";
}

export interface Task {
  task: string;
  done: boolean;
  /** When it was ticked off and by whom, from the order's history. */
  at: string | null;
  by: string | null;
}

/** The linkage list with who ticked what when; empty where the order carries none. */
export function linkage(order: Order): Task[] {
  const lists = order.history.filter(({ event }) => event === "checklist");
  return (order.file?.checklist ?? []).map(({ task, done }) => {
    // the tick that counts is the first of the last unbroken run in which it is done
    const run = lists.slice(lists.findLastIndex((entry) => !entry.done?.includes(task)) + 1);
    const first = done ? run[0] : undefined;
    return { task, done, at: first?.at ?? null, by: first?.by ?? null };
  });
}

/** The report to 119 as far as it is known: the order carries it while it is open, the incident tells it on. */
export function brigadeOf(order: Order, incident: Incident | undefined): Brigade | null {
  const own = order.brigade ?? null;
  const told = incident?.brigade ?? null;
  if (own === null) return told;
  // the order's own names vulnerable people; the incident's may be newer about who called
  return own.reported_at === null && told !== null && told.reported_at !== null ? { ...told, wording: own.wording } : own;
}

/** The wording's parts in the order in which 119 asks for them (GB 25506-2010 4.2.2: where, part, what burns, size, who reports). */
export const PARTS = ["place", "part", "what", "size", "people", "reporter"] as const;
