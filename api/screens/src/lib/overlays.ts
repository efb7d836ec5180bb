/** What the command map draws over streets and grids; each function draws and gives back how to take it off. */
import L from "leaflet";
import { along, lineOf, type Crew } from "./coming";
import { cluster, isCluster, type Cluster } from "./cluster";
import type { DistrictMap, Grid, Station, Way } from "./contract";
import { colour, latLngs, signMark, spotMark, stationMark, type Spot } from "./map";
import type { Closure, Risk, RiskColour, Uncovered } from "./outlook";
import { signOf, tintOf } from "./signs";

export type Undo = () => void;

const COLOURS: readonly RiskColour[] = ["red", "orange", "yellow", "blue"];

/** The hatch of each colour: told apart by shape alone. Nothing is filled solid: solid red is fire. */
const HATCHES: Record<RiskColour, { size: number; path: string; width: number }> = {
  red: { size: 10, path: "M0 0L10 10M10 0L0 10", width: 1.7 },
  orange: { size: 10, path: "M-2 2L2 -2M0 10L10 0M8 12L12 8", width: 2 },
  yellow: { size: 16, path: "M0 8H16", width: 1.4 },
  blue: { size: 16, path: "M7 8H9M8 7V9", width: 1.4 },
};

/** A pattern of the hatch as SVG; `id` is what a fill refers to. */
export function hatch(name: RiskColour, id: string, tone: string): string {
  const { size, path, width } = HATCHES[name];
  return (
    `<pattern id="${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">` +
    `<path d="${path}" stroke="${tone}" stroke-width="${width}" fill="none"/></pattern>`
  );
}

const canvases = new WeakMap<L.Map, Map<string, L.Canvas>>();

/** The pane's one canvas: a new one for each drawing would be as large as the screen each time. */
function canvasOf(map: L.Map, pane: string): L.Canvas {
  const known = canvases.get(map) ?? new Map<string, L.Canvas>();
  canvases.set(map, known);
  const canvas = known.get(pane) ?? L.canvas({ pane, padding: 0.1 });
  known.set(pane, canvas);
  return canvas;
}

/** How much larger signs are than on a desk: a wall's letters are. */
function scale(): number {
  return Math.max(1, (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16) / 20);
}

/** Text as it is, for names are not markup; lines stay lines. */
function said(text: string): HTMLElement {
  const element = document.createElement("span");
  element.style.whiteSpace = "pre-line";
  element.textContent = text;
  return element;
}

/** Small grids hatched by their risk, with the index in words on pointing. */
export function risk(map: L.Map, grids: readonly Grid[], found: Risk, words: (code: string) => string): Undo {
  const element = map.getContainer();
  const renderer = L.svg({ pane: "risk", padding: 0.4 });
  const group = L.layerGroup();
  const lowest = Math.max(0, ...grids.map(({ level }) => level));
  const colours = new Map(found.items.map(({ code, colour: tone }) => [code, tone]));
  for (const grid of grids.filter(({ level }) => level === lowest)) {
    const tone = colours.get(grid.code);
    if (tone === undefined) continue;
    const options = { pane: "risk", renderer, stroke: false, fillColor: `url(#hatch-${tone})`, fillOpacity: 1 };
    group.addLayer(L.polygon(latLngs(grid), options).bindTooltip(said(words(grid.code)), { sticky: true }));
  }
  group.addTo(map);
  const svg = (renderer as unknown as { _container?: SVGElement })._container;
  const patterns = COLOURS.map((tone) => hatch(tone, `hatch-${tone}`, colour(element, `--risk-${tone}`))).join("");
  svg?.insertAdjacentHTML("afterbegin", `<defs>${patterns}</defs>`);
  return () => {
    group.remove();
    renderer.remove();
  };
}

/** Leaflet's own drawing of a circle, replaced by a cross: places out of reach are not taken for sources of water. */
interface Drawn {
  _renderer: { _ctx: CanvasRenderingContext2D; _drawing: boolean };
  _point: L.Point;
  _radius: number;
  options: { color: string; weight: number };
  _empty(): boolean;
}
const Cross = L.CircleMarker.extend({
  _updatePath(this: Drawn): void {
    const { _ctx: context, _drawing: drawing } = this._renderer;
    if (!drawing || this._empty()) return;
    const { x, y } = this._point;
    const r = this._radius;
    context.beginPath();
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    context.lineWidth = this.options.weight;
    context.strokeStyle = this.options.color;
    context.globalAlpha = 1;
    context.stroke();
  },
}) as unknown as new (at: L.LatLngExpression, options: L.CircleMarkerOptions) => L.CircleMarker;

/** A cross on every place that nobody reaches in time. */
export function uncovered(map: L.Map, places: readonly Uncovered[], words: (place: Uncovered) => string): Undo {
  const tone = colour(map.getContainer(), "--map-uncovered");
  const renderer = canvasOf(map, "crosses");
  const size = scale();
  const group = L.layerGroup();
  for (const place of places) {
    const cross = new Cross([place.lat, place.lon], { pane: "crosses", renderer, radius: 3.5 * size, weight: 1.8 * size, color: tone });
    group.addLayer(cross.bindTooltip(said(words(place))));
  }
  group.addTo(map);
  return () => group.remove();
}

/** Fire lanes as they are registered. */
export function lanes(map: L.Map, district: DistrictMap, title: string): Undo {
  const tone = colour(map.getContainer(), "--map-lane");
  if (!district.lanes) return () => undefined;
  const lines = L.geoJSON(district.lanes, { style: { color: tone, weight: 4, opacity: 0.85, dashArray: "1 7", lineCap: "round", fill: false } });
  lines.bindTooltip(said(title)).addTo(map);
  return () => lines.remove();
}

/** Closed roads that count now; lifts have their place's page. */
export function closures(map: L.Map, found: readonly Closure[], words: (closure: Closure) => string): Undo {
  const group = L.layerGroup();
  for (const one of found) {
    if (!one.in_force || one.lon === null || one.lat === null) continue;
    group.addLayer(signMark(one.lat, one.lon, 24, "map-closure", "barrier", words(one), 200));
  }
  group.addTo(map);
  return () => group.remove();
}

/** The way of a crew's order; null while it is not known. */
export type WayOf = (order: string) => Way | null;

/** Ways from stations to where they go: by the streets, and as a straight thin line as long as those are not known. */
export function crewLines(map: L.Map, found: readonly Crew[], way: WayOf): Undo {
  const element = map.getContainer();
  const [tone, faint] = [colour(element, "--map-coming"), colour(element, "--map-label")];
  const renderer = canvasOf(map, "coming");
  const group = L.layerGroup();
  for (const crew of found) {
    const { state } = crew;
    const ends = lineOf(crew, way(crew.order)).map(([lon, lat]): L.LatLngTuple => [lat, lon]);
    const out = state === "out" || state === "there";
    const look = { color: state === "called" ? faint : tone, weight: out ? 3.5 : 2.5, ...(out ? {} : { dashArray: state === "called" ? "2 7" : "8 7" }) };
    group.addLayer(L.polyline(ends, { pane: "coming", renderer, interactive: false, lineJoin: "round", ...look }));
  }
  group.addTo(map);
  return () => group.remove();
}

/** Where each crew that has left may be by now. */
export function crewMarks(marks: Marks, found: readonly Crew[], words: (crew: Crew) => string, way: WayOf): void {
  const out = found.filter(({ state }) => state === "out");
  const place = (crew: Crew) => along(lineOf(crew, way(crew.order)), crew.progress);
  marks.show(
    out.map((crew) => ({
      key: crew.order,
      signature: "",
      make: () => signMark(place(crew)[1], place(crew)[0], 22, "map-crew", "arrow", words(crew), 700, words(crew)),
    })),
  );
  for (const crew of out) marks.move(crew.order, place(crew), words(crew));
}

/** Marks by key: one that has not changed stays as it is. */
export class Marks {
  private readonly held = new Map<string, { mark: L.Marker; signature: string }>();

  constructor(private readonly map: L.Map) {}

  show(wanted: readonly { key: string; signature: string; make: () => L.Marker }[]): void {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, { mark }] of this.held) {
      if (keys.has(key)) continue;
      mark.remove();
      this.held.delete(key);
    }
    for (const { key, signature, make } of wanted) {
      const known = this.held.get(key);
      if (known?.signature === signature) continue;
      known?.mark.remove();
      this.held.set(key, { mark: make().addTo(this.map), signature });
    }
  }

  /** The mark lies there, and its name says this. */
  move(key: string, [lon, lat]: [number, number], name: string): void {
    const mark = this.held.get(key)?.mark;
    mark?.setLatLng([lat, lon]);
    const tag = mark?.getElement()?.querySelector(".name");
    if (tag && tag.textContent !== name) tag.textContent = name;
  }

  element(key: string): HTMLElement | undefined {
    return this.held.get(key)?.mark.getElement();
  }

  clear(): void {
    for (const { mark } of this.held.values()) mark.remove();
    this.held.clear();
  }
}

export function stationMarks(marks: Marks, stations: readonly Station[], onstation: (code: string) => void): void {
  const size = Math.round(24 * scale());
  marks.show(
    stations.map((station) => ({
      key: station.code,
      signature: JSON.stringify([size, station.lon, station.lat, station.name, station.on_duty, station.engaged > 0, station.screens > 0, station.demoted]),
      make: () => stationMark(station, station.name, false, null, size).on("click", () => onstation(station.code)),
    })),
  );
}

/** Incidents, those too close to one another as one mark with their number. */
export function spotMarks(
  marks: Marks,
  map: L.Map,
  spots: readonly Spot[],
  size: number,
  many: (cluster: Cluster) => string,
  onspot: (id: string) => void,
): void {
  const zoom = map.getZoom();
  const shown = cluster(spots, (lon, lat) => map.project([lat, lon], zoom));
  marks.show(
    shown.map((one) =>
      isCluster(one)
        ? {
            key: `${zoom} ${one.key}`,
            signature: `${one.spots.length} ${one.priority} ${one.drill} ${one.lon} ${one.lat}`,
            make: () => clusterMark(one, size, many(one)).on("click", () => spread(map, one)),
          }
        : {
            key: one.id,
            signature: JSON.stringify([one.lon, one.lat, one.priority, one.drill, one.label, one.name, one.chosen]),
            make: () => spotMark(one, size).on("click", () => onspot(one.id)),
          },
    ),
  );
}

function clusterMark(one: Cluster, size: number, label: string): L.Marker {
  const classes = `map-incident map-cluster ${tintOf(one.priority)}${one.drill ? " drill" : ""}`;
  const mark = signMark(one.lat, one.lon, size + 10, classes, signOf(one.priority), label, 900 - one.priority);
  return mark.on("add", () => {
    const count = document.createElement("div");
    count.className = "count";
    count.textContent = String(one.spots.length);
    mark.getElement()?.append(count);
  });
}

function spread(map: L.Map, one: Cluster): void {
  const box = L.latLngBounds(one.spots.map(({ lat, lon }): L.LatLngTuple => [lat, lon]));
  map.fitBounds(box, { padding: [80, 80], maxZoom: Math.max(map.getZoom() + 2, 15), animate: false });
}
