/** The way to a place as a drawing for paper: streets, the way, water; black on white, from our own map. */
import type { DistrictMap, OrderFile, Way } from "./contract";

export interface Spot {
  x: number;
  y: number;
}

export interface Sketch {
  width: number;
  height: number;
  streets: { d: string; wide: boolean }[];
  names: (Spot & { text: string })[];
  way: string;
  guessed: boolean;
  start: Spot;
  goal: Spot;
  water: (Spot & { usable: boolean })[];
  /** A scale: so many metres are so wide. */
  bar: { metres: number; width: number };
}

const METRES_PER_DEGREE = 111_195;
/** Around the way so much of the longer side is shown, and never less than this many metres in all. */
const MARGIN = 0.12;
const LEAST_M = 350;
const NAMES = 14;
const WIDE = /^(motorway|trunk|primary|secondary|tertiary)/;

export function sketch(map: DistrictMap | null, way: Way, water: NonNullable<OrderFile["water"]>, width: number, height: number): Sketch {
  const project = projection(way.line, width, height);
  const at = (lon: number, lat: number): Spot => {
    const [x, y] = project.point(lon, lat);
    return { x, y };
  };
  const streets = (map?.roads?.features ?? []).flatMap(({ geometry, properties }) => {
    const points = geometry.coordinates.map(([lon = 0, lat = 0]) => project.point(lon, lat));
    if (!points.some(([x, y]) => x > 0 && y > 0 && x < width && y < height)) return [];
    return [{ d: path(points), wide: WIDE.test(properties.class ?? ""), name: properties.name ?? "", points }];
  });
  const [first = [0, 0], last = first] = [way.line[0], way.line.at(-1)];
  return {
    width,
    height,
    streets: streets.map(({ d, wide }) => ({ d, wide })),
    names: names(streets, width, height),
    way: path(way.line.map(([lon, lat]) => project.point(lon, lat))),
    guessed: way.method === "line",
    start: at(...first),
    goal: at(...last),
    water: water.map(({ lon, lat, usable }) => ({ ...at(lon, lat), usable: usable !== false })).filter(({ x, y }) => x > 0 && y > 0 && x < width && y < height),
    bar: bar(project.scale, width),
  };
}

type Point = [number, number];

/** Degrees to the paper: as large as the whole way with its margin allows. */
function projection(line: readonly Point[], width: number, height: number): { point: (lon: number, lat: number) => Point; scale: number } {
  const lons = line.map(([lon]) => lon);
  const lats = line.map(([, lat]) => lat);
  const middle: Point = [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
  const east = METRES_PER_DEGREE * Math.cos((middle[1] * Math.PI) / 180);
  const wide = (Math.max(...lons) - Math.min(...lons)) * east;
  const tall = (Math.max(...lats) - Math.min(...lats)) * METRES_PER_DEGREE;
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((width * room) / wide, (height * room) / tall, Math.min(width, height) / LEAST_M);
  return {
    scale,
    point: (lon, lat) => [width / 2 + (lon - middle[0]) * east * scale, height / 2 - (lat - middle[1]) * METRES_PER_DEGREE * scale],
  };
}

function path(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** Each street once, where its longest piece within the paper has its middle; none on top of another. */
function names(streets: { name: string; wide: boolean; points: Point[] }[], width: number, height: number): Sketch["names"] {
  const best = new Map<string, { at: Point; length: number; wide: boolean }>();
  for (const { name, wide, points } of streets) {
    points.slice(1).forEach((to, i) => {
      const from = points[i] as Point;
      const at: Point = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      const inside = at[0] > 20 && at[1] > 10 && at[0] < width - 20 && at[1] < height - 10;
      if (name !== "" && inside && length > (best.get(name)?.length ?? 0)) best.set(name, { at, length, wide });
    });
  }
  const taken: Sketch["names"] = [];
  for (const [text, { at }] of [...best].sort(([, a], [, b]) => Number(b.wide) - Number(a.wide) || b.length - a.length)) {
    const free = taken.every(({ x, y, text: other }) => Math.abs(y - at[1]) > 12 || Math.abs(x - at[0]) > (text.length + other.length) * 5.5);
    if (free && taken.length < NAMES) taken.push({ text, x: at[0], y: at[1] });
  }
  return taken;
}

/** The round number of metres that fills up to a quarter of the width. */
function bar(scale: number, width: number): Sketch["bar"] {
  const most = width / 4 / scale;
  const step = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((n) => n * step).find((n) => n <= most) ?? step;
  return { metres, width: metres * scale };
}
