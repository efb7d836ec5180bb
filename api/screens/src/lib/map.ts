/** The district on Leaflet, all from our own vectors: streets, grids, stations, incidents, water. */
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import "../styles/map.css";
import type { DistrictMap, Grid, Station } from "./contract";
import { DRAWINGS, type Drawing } from "./drawings";
import { fitting, type Label } from "./labels";
import { signOf, tintOf } from "./signs";

/** From these zooms on: names of larger streets, of all streets, marks of water sources. */
const NAMES_FROM = 15.25;
const SMALL_NAMES_FROM = 16.75;
const WATER_FROM = 15.75;

export interface Spot {
  id: string;
  lon: number;
  lat: number;
  priority: number;
  drill: boolean;
  label: string;
  /** A name under the mark, if it should have one. */
  name?: string;
  chosen?: boolean;
}

export type Readiness = "on-duty" | "engaged" | "no-screen" | "unchecked" | "off-duty";

export function readiness(station: Station): Readiness {
  if (!station.on_duty) return "off-duty";
  if (station.engaged > 0) return "engaged";
  if (station.demoted) return "unchecked";
  return station.screens > 0 ? "on-duty" : "no-screen";
}

export function create(element: HTMLElement, interactive: boolean): L.Map {
  const map = L.map(element, {
    preferCanvas: true,
    zoomControl: false,
    attributionControl: true,
    zoomSnap: 0.25,
    dragging: interactive,
    scrollWheelZoom: interactive,
    doubleClickZoom: interactive,
    boxZoom: interactive,
    keyboard: interactive,
    touchZoom: interactive,
  });
  map.attributionControl.setPrefix(false);
  if (interactive) L.control.zoom({ position: "bottomright" }).addTo(map);
  map.createPane("rivers").style.zIndex = "205";
  map.createPane("streets").style.zIndex = "210";
  map.createPane("risk").style.zIndex = "215";
  map.createPane("grids").style.zIndex = "220";
  map.createPane("crosses").style.zIndex = "225";
  map.createPane("coming").style.zIndex = "226";
  map.createPane("way").style.zIndex = "225";
  map.createPane("names").style.zIndex = "230";
  map.setView([31.23, 121.47], 14);
  return map;
}

/** Leaflet asks a canvas for one more drawing even after its map is gone; there is nothing to draw on then. */
interface Drawn {
  _ctx?: unknown;
  _redraw(): void;
}
const drawn = L.Canvas.prototype as unknown as Drawn;
const redraw = drawn._redraw;
drawn._redraw = function (this: Drawn): void {
  if (this._ctx) redraw.call(this);
};

const NO_ROADS: NonNullable<DistrictMap["roads"]> = { type: "FeatureCollection", features: [] };
/** The map is gone. Its canvas goes last: a shape taken off after it would ask it to draw once more. */
export function remove(map: L.Map): void {
  map.eachLayer((layer) => {
    if (!(layer instanceof L.Renderer)) layer.remove();
  });
  map.remove();
}

const MAJOR = new Set(["motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link"]);
const MIDDLE = new Set(["tertiary", "secondary_link", "tertiary_link", "unclassified"]);

export function colour(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** Line width in pixels at zoom 16; it halves with every two steps out. */
function width(kind: string): number {
  return MAJOR.has(kind) ? 6 : MIDDLE.has(kind) ? 3.6 : 2;
}

/** Streets below everything, width by class and zoom. */
export function streets(map: L.Map, district: DistrictMap): L.Layer {
  const element = map.getContainer();
  const [minor, major] = [colour(element, "--map-minor"), colour(element, "--map-major")];
  const renderer = L.canvas({ pane: "streets", padding: 0.3 });
  if (district.attribution) map.attributionControl.addAttribution(district.attribution);
  const kindOf = (feature?: GeoJSON.Feature): string => String(feature?.properties?.["class"] ?? "");
  const style = (feature?: GeoJSON.Feature): L.PathOptions & { renderer: L.Renderer } => {
    const kind = kindOf(feature);
    const weight = Math.max(0.7, Math.min(2.2, 2 ** ((map.getZoom() - 16) / 2)) * width(kind));
    return { renderer, color: MAJOR.has(kind) ? major : minor, weight };
  };
  const lines = L.geoJSON(district.roads ?? NO_ROADS, { pane: "streets", interactive: false, style });
  const zoomed = () => lines.setStyle(style);
  lines.on("add", () => map.on("zoomend", zoomed));
  lines.on("remove", () => map.off("zoomend", zoomed));
  return lines.addTo(map);
}

/** Names of grids and streets; `own` small grids are named, others of that level are too many. */
export function names(map: L.Map, district: DistrictMap | null, all: readonly Grid[], own: ReadonlySet<string>): L.LayerGroup {
  const areas = all
    .filter((grid) => grid.level < 3 || own.has(grid.code))
    .sort((a, b) => a.level - b.level)
    .map((grid): Label => {
      const centre = L.polygon(latLngs(grid)).getBounds().getCenter();
      return { text: grid.name, kind: `grid-${grid.level}`, at: [centre.lat, centre.lng], from: 0 };
    });
  return drawNames(map, [...areas, ...streetNames(district?.roads ?? NO_ROADS)]);
}

/** Keeps `labels` on the map, chosen anew after each move. */
function drawNames(map: L.Map, labels: readonly Label[]): L.LayerGroup {
  const group = L.layerGroup();
  const choose = () => {
    const view = map.getBounds().pad(0.1);
    const shown = fitting(labels, {
      zoom: map.getZoom(),
      contains: (at) => view.contains(at),
      project: (at) => map.project(at),
    });
    group.clearLayers();
    for (const label of shown) group.addLayer(nameMark(label));
  };
  group.on("add", () => map.on("moveend", choose));
  group.on("remove", () => map.off("moveend", choose));
  choose();
  return group.addTo(map);
}

function nameMark({ text, kind, at }: Label): L.Marker {
  const name = document.createElement("span");
  name.textContent = text;
  const icon = L.divIcon({ html: name, className: `map-name ${kind}`, iconSize: [0, 0] });
  return L.marker(at, { icon, pane: "names", interactive: false, keyboard: false });
}

/** One name per street, in the middle of its longest piece, larger streets first. */
function streetNames(roads: NonNullable<DistrictMap["roads"]>): Label[] {
  const longest = new Map<string, { line: GeoJSON.Position[]; large: boolean }>();
  for (const { properties, geometry } of roads.features) {
    const line = geometry.coordinates;
    const kind = properties.class ?? "";
    if (properties.name && line.length > (longest.get(properties.name)?.line.length ?? 1)) {
      longest.set(properties.name, { line, large: MAJOR.has(kind) || MIDDLE.has(kind) });
    }
  }
  return [...longest]
    .sort(([, a], [, b]) => Number(b.large) - Number(a.large))
    .map(([text, { line, large }]) => {
      const [lon = 0, lat = 0] = line[Math.floor(line.length / 2)] ?? [];
      return { text, kind: "street", at: [lat, lon], from: large ? NAMES_FROM : SMALL_NAMES_FROM };
    });
}

/** Rivers and lakes, under the streets. */
export function rivers(map: L.Map, district: DistrictMap): L.LayerGroup {
  const tone = colour(map.getContainer(), "--map-river");
  const group = L.layerGroup();
  if (district.rivers) {
    const lake = { stroke: false, fillColor: tone, fillOpacity: 1 };
    const stream = { color: tone, weight: 5 };
    const style = (feature?: GeoJSON.Feature) => (feature?.geometry.type === "Polygon" ? lake : stream);
    group.addLayer(L.geoJSON(district.rivers, { pane: "rivers", interactive: false, style }));
  }
  return group.addTo(map);
}

/** Outlines of the grids; large ones strong, small ones fine and dashed. `own` is filled softly. */
export function grids(map: L.Map, all: readonly Grid[], own: ReadonlySet<string>, levels: readonly number[]): L.LayerGroup {
  const element = map.getContainer();
  const [line, accent] = [colour(element, "--map-grid"), colour(element, "--calm")];
  const group = L.layerGroup();
  const shown = all.filter((grid) => levels.includes(grid.level)).sort((a, b) => b.level - a.level);
  for (const grid of shown) {
    const mine = own.has(grid.code);
    const outline = L.polygon(latLngs(grid), {
      pane: "grids",
      interactive: false,
      color: mine ? accent : line,
      weight: mine ? 2.5 : [0, 3, 1.6, 0.8][grid.level] ?? 1,
      opacity: mine ? 0.95 : [0, 0.9, 0.7, 0.5][grid.level] ?? 0.5,
      ...(grid.level === 3 ? { dashArray: "3 5" } : {}),
      fill: mine,
      fillColor: accent,
      fillOpacity: 0.08,
    });
    group.addLayer(outline);
  }
  return group.addTo(map);
}

export function bounds(all: readonly Grid[]): L.LatLngBounds | null {
  const box = L.latLngBounds([]);
  for (const grid of all) box.extend(L.latLngBounds(latLngs(grid).flat(2)));
  return box.isValid() ? box : null;
}

export function latLngs(grid: Grid): L.LatLngTuple[][][] {
  return grid.polygon.map((polygon) => polygon.map((ring) => ring.map(([lon, lat]): L.LatLngTuple => [lat, lon])));
}

/** Hydrants and tanks, once one is near enough for them not to be a rash on the map. */
export function water(map: L.Map, district: DistrictMap, title: string): L.LayerGroup {
  const tone = colour(map.getContainer(), "--map-water");
  const dots = L.layerGroup(
    district.water.map(({ lon, lat }) =>
      L.circleMarker([lat, lon], { radius: 3, color: tone, weight: 1.5, fill: false }).bindTooltip(title),
    ),
  );
  const group = L.layerGroup();
  const zoomed = () => (map.getZoom() >= WATER_FROM ? group.addLayer(dots) : group.removeLayer(dots));
  zoomed();
  map.on("zoomend", zoomed);
  group.on("remove", () => map.off("zoomend", zoomed));
  return group.addTo(map);
}

/** The way to go, drawn so that it stands out from every street: light within dark, dashed where it is a guess. */
export function way(map: L.Map, line: readonly [number, number][], guessed: boolean): L.LayerGroup {
  const element = map.getContainer();
  const points = line.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
  const dash = guessed ? { dashArray: "4 12" } : {};
  const shared = { pane: "way", interactive: false, lineCap: "round", lineJoin: "round" } as const;
  return L.layerGroup([
    L.polyline(points, { ...shared, color: colour(element, "--map-ground"), weight: 11, opacity: 0.9 }),
    L.polyline(points, { ...shared, color: colour(element, "--map-way"), weight: 6, ...dash }),
  ]).addTo(map);
}

export function stationMark(station: Station, label: string, own: boolean, name: string | null, others = 24): L.Marker {
  const size = own ? 38 : others;
  const kind = own ? "own" : readiness(station);
  return mark(station.lat, station.lon, size, `map-station ${kind}`, own ? "house" : stationSign(kind), label, name, own ? 500 : 0);
}

function stationSign(kind: string): Drawing {
  return ({ engaged: "arrow", "no-screen": "noline", unchecked: "bell", "off-duty": "cross" } as Record<string, Drawing>)[kind] ?? "shield";
}

export function spotMark(spot: Spot, size = 40): L.Marker {
  const classes = `map-incident ${tintOf(spot.priority)}${spot.drill ? " drill" : ""}${spot.chosen ? " chosen" : ""}`;
  return mark(spot.lat, spot.lon, size, classes, signOf(spot.priority), spot.label, spot.name ?? null, 1_000 - spot.priority, true);
}

/** A mark with a sign that is neither a station nor an incident. */
export function signMark(lat: number, lon: number, size: number, classes: string, sign: Drawing, label: string, above = 0, name: string | null = null): L.Marker {
  return mark(lat, lon, size, classes, sign, label, name, above);
}

function mark(
  lat: number,
  lon: number,
  size: number,
  classes: string,
  sign: Drawing,
  label: string,
  name: string | null,
  above: number,
  pulse = false,
): L.Marker {
  const body = document.createElement("div");
  body.className = "sign";
  body.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d="${DRAWINGS[sign]}"/></svg>`;
  const whole = document.createElement("div");
  whole.style.cssText = "position:relative;width:100%;height:100%";
  if (pulse) whole.append(Object.assign(document.createElement("div"), { className: "pulse" }));
  whole.append(body);
  if (name !== null) whole.append(Object.assign(document.createElement("div"), { className: "name", textContent: name }));
  const icon = L.divIcon({ html: whole, className: `map-mark ${classes}`, iconSize: [size, size] });
  return L.marker([lat, lon], { icon, title: label, alt: label, zIndexOffset: above, keyboard: true });
}
