/** Which layers of the map are shown; what somebody chose is found again. */

export const LAYERS = ["risk", "stations", "uncovered", "coming", "water", "lanes", "closures", "tiles"] as const;
export type LayerName = (typeof LAYERS)[number];

const KEPT = "firegrid.layers";
const AT_FIRST: Record<LayerName, boolean> = {
  risk: true,
  stations: true,
  uncovered: true,
  coming: true,
  water: true,
  lanes: false,
  closures: true,
  tiles: true,
};

export class Layers {
  on = $state<Record<LayerName, boolean>>({ ...AT_FIRST, ...remembered() });

  toggle(name: LayerName): void {
    this.on[name] = !this.on[name];
    localStorage.setItem(KEPT, JSON.stringify(this.on));
  }
}

function remembered(): Partial<Record<LayerName, boolean>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([name, on]) => name in AT_FIRST && typeof on === "boolean"));
  } catch {
    return {};
  }
}
