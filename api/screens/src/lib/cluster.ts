/** Marks of incidents gathered where they would lie upon one another. Pure. */
import type { Spot } from "./map";

/** Up to so many marks each stands for itself. */
export const SINGLE_UP_TO = 40;
const CELL_PX = 72;

export interface Cluster {
  key: string;
  spots: Spot[];
  lon: number;
  lat: number;
  /** The gravest of them; exercises count only where there is nothing else. */
  priority: number;
  drill: boolean;
}

/** `project`: pixels of a position on the whole map at its present zoom, so that moving the map changes no cluster. */
export function cluster(spots: readonly Spot[], project: (lon: number, lat: number) => { x: number; y: number }): (Spot | Cluster)[] {
  if (spots.length <= SINGLE_UP_TO) return [...spots];
  const cells = new Map<string, Spot[]>();
  const alone: Spot[] = [];
  for (const spot of spots) {
    if (spot.chosen) alone.push(spot);
    else {
      const { x, y } = project(spot.lon, spot.lat);
      const cell = `${Math.floor(x / CELL_PX)}.${Math.floor(y / CELL_PX)}`;
      const held = cells.get(cell);
      if (held === undefined) cells.set(cell, [spot]);
      else held.push(spot);
    }
  }
  const gathered = [...cells].map(([cell, held]) => (held.length === 1 ? (held[0] as Spot) : gather(cell, held)));
  return [...alone, ...gathered];
}

export function isCluster(one: Spot | Cluster): one is Cluster {
  return "spots" in one;
}

function gather(cell: string, spots: Spot[]): Cluster {
  const real = spots.filter((spot) => !spot.drill);
  const counting = real.length > 0 ? real : spots;
  const mean = (of: (spot: Spot) => number) => spots.reduce((sum, spot) => sum + of(spot), 0) / spots.length;
  return {
    key: `cluster ${cell}`,
    spots,
    lon: mean((spot) => spot.lon),
    lat: mean((spot) => spot.lat),
    priority: Math.min(...counting.map((spot) => spot.priority)),
    drill: real.length === 0,
  };
}
