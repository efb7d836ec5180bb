/** Open incidents as rows: a few as cards; many by priority, then by small grid, each of which can be folded. Pure. */
import type { Incident } from "./contract";
import { priorityOf } from "./orders";

/** Up to so many, every incident is a card with its clocks. */
export const CARDS_UP_TO = 12;

export type Row =
  | { kind: "priority"; key: string; height: number; priority: number; drill: boolean; count: number; folded: boolean }
  | { kind: "grid"; key: string; height: number; name: string | null; count: number; folded: boolean }
  | { kind: "incident"; key: string; height: number; incident: Incident };

/** Heights in rem, as the list's styles have them. */
const HEIGHT = { priority: 2.9, grid: 2.2, incident: 4.3 } as const;

interface Group {
  priority: number;
  drill: boolean;
  grids: Map<string, { name: string | null; incidents: Incident[] }>;
  count: number;
}

/** `open` in the order it is to have, `folded` the keys of what is shut. Real before exercise, fires before all else. */
export function rows(open: readonly Incident[], folded: ReadonlySet<string>): Row[] {
  const groups = new Map<string, Group>();
  for (const incident of open) {
    const priority = priorityOf(incident);
    const key = `${incident.drill ? "drill" : "real"} ${priority}`;
    const group = groups.get(key) ?? { priority, drill: incident.drill, grids: new Map(), count: 0 };
    groups.set(key, group);
    const [small] = incident.grid;
    const code = small?.code ?? "";
    const held = group.grids.get(code) ?? { name: small?.name ?? null, incidents: [] };
    group.grids.set(code, held);
    held.incidents.push(incident);
    group.count += 1;
  }
  return [...groups]
    .sort(([, a], [, b]) => Number(a.drill) - Number(b.drill) || a.priority - b.priority)
    .flatMap(([key, group]) => unfold(key, group, folded));
}

function unfold(key: string, group: Group, folded: ReadonlySet<string>): Row[] {
  const shut = folded.has(key);
  const { priority, drill, count } = group;
  const head: Row = { kind: "priority", key, height: HEIGHT.priority, priority, drill, count, folded: shut };
  if (shut) return [head];
  // where most burns comes first; equals stay in the order of their gravest incident
  const grids = [...group.grids].sort(([, a], [, b]) => b.incidents.length - a.incidents.length);
  return [head, ...grids.flatMap(([code, held]) => inGrid(`${key} ${code}`, held, folded))];
}

function inGrid(key: string, { name, incidents }: { name: string | null; incidents: Incident[] }, folded: ReadonlySet<string>): Row[] {
  const shut = folded.has(key);
  const head: Row = { kind: "grid", key, height: HEIGHT.grid, name, count: incidents.length, folded: shut };
  if (shut) return [head];
  return [head, ...incidents.map((incident): Row => ({ kind: "incident", key: incident.id, height: HEIGHT.incident, incident }))];
}
