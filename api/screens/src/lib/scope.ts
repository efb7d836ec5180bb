/** What lies within a grid, when the page is held to one. Pure. */
import type { Grid, GridName } from "./contract";

/** The codes of `grid` and all grids below it; null where the page shows everything. */
export function below(grids: readonly Grid[], grid: string | null): ReadonlySet<string> | null {
  if (grid === null) return null;
  const inside = new Set([grid]);
  // a chain is three grids long, so three rounds find everything whatever the order
  for (let round = 0; round < 3; round += 1) {
    for (const one of grids) if (one.parent !== null && inside.has(one.parent)) inside.add(one.code);
  }
  return inside;
}

/** Whether what has this chain of grids is to be shown. */
export function within(inside: ReadonlySet<string> | null, chain: readonly Pick<GridName, "code">[]): boolean {
  return inside === null || chain.some(({ code }) => inside.has(code));
}

/** The grids as a list to choose from: each under the one above it, by code. */
export function tree(grids: readonly Grid[]): { grid: Grid; depth: number }[] {
  const known = new Set(grids.map(({ code }) => code));
  const children = new Map<string | null, Grid[]>();
  for (const grid of grids) {
    const parent = grid.parent !== null && known.has(grid.parent) ? grid.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), grid]);
  }
  const listed: { grid: Grid; depth: number }[] = [];
  const walk = (parent: string | null, depth: number): void => {
    const found = [...(children.get(parent) ?? [])].sort((a, b) => (a.code < b.code ? -1 : 1));
    for (const grid of found) {
      listed.push({ grid, depth });
      if (depth < 4) walk(grid.code, depth + 1);
    }
  };
  walk(null, 0);
  return listed;
}
