/** Names on the map: only those in view, none on top of another, the more important first. */

export interface Label {
  text: string;
  kind: "grid-1" | "grid-2" | "grid-3" | "street";
  /** Latitude, longitude. */
  at: [number, number];
  /** Zoom from which on it is shown. */
  from: number;
}

/** How the map lies: its zoom, what is in view, and where a point is in pixels. */
export interface View {
  zoom: number;
  contains(at: [number, number]): boolean;
  project(at: [number, number]): { x: number; y: number };
}

/** Names drawn at most: each is an element that the browser has to lay out. */
export const MOST = 120;
const LETTER_PX = 14;
const LINE_PX = 20;

/** The labels that fit into `view`, in the order given. */
export function fitting(labels: readonly Label[], view: View): Label[] {
  const taken: { x: number; y: number; half: number }[] = [];
  const shown: Label[] = [];
  for (const label of labels) {
    if (shown.length === MOST) break;
    if (view.zoom < label.from || !view.contains(label.at)) continue;
    const { x, y } = view.project(label.at);
    const half = (label.text.length * LETTER_PX) / 2;
    const free = taken.every((other) => Math.abs(other.y - y) > LINE_PX || Math.abs(other.x - x) > other.half + half);
    if (!free) continue;
    taken.push({ x, y, half });
    shown.push(label);
  }
  return shown;
}
