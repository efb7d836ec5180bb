/** The district on Leaflet, all from our own vectors: streets, grids, stations, incidents, water. */
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import "../styles/map.css";
import type { DistrictMap, Grid, Station } from "./contract";
import { DRAWINGS, type Drawing } from "./drawings";
import { signOf, tintOf } from "./signs";

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

export type Readiness = "on-duty" | "engaged" | "no-screen" | "off-duty";

export function readiness(station: Station): Readiness {
  if (!station.on_duty) return "off-duty";
  if (Number(station.engaged) > 0) return "engaged";
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
  map.createPane("streets").style.zIndex = "210";
  map.createPane("grids").style.zIndex = "220";
  map.createPane("grid-names").style.zIndex = "230";
  map.setView([31.23, 121.47], 14);
  return map;
}

const MAJOR = new Set(["motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link"]);
const MIDDLE = new Set(["tertiary", "secondary_link", "tertiary_link", "unclassified"]);

function colour(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** Streets below everything, width by class. */
export function streets(map: L.Map, district: DistrictMap): L.Layer {
  const element = map.getContainer();
  const [minor, major] = [colour(element, "--map-minor"), colour(element, "--map-major")];
  const renderer = L.canvas({ pane: "streets", padding: 0.3 });
  if (district.attribution) map.attributionControl.addAttribution(district.attribution);
  const layer = L.geoJSON(district.roads, {
    pane: "streets",
    interactive: false,
    style: (feature) => {
      const kind = (feature?.properties as { class?: string } | null)?.class ?? "";
      if (MAJOR.has(kind)) return { renderer, color: major, weight: 4 };
      return { renderer, color: minor, weight: MIDDLE.has(kind) ? 2.6 : 1.5 };
    },
  });
  return layer.addTo(map);
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
    if (grid.level < 3 || mine) group.addLayer(gridName(grid, outline.getBounds().getCenter()));
  }
  return group.addTo(map);
}

function gridName(grid: Grid, at: L.LatLng): L.Layer {
  const text = document.createElement("span");
  text.textContent = grid.name;
  return L.tooltip({ permanent: true, direction: "center", className: `map-grid-name level-${grid.level}`, pane: "grid-names" })
    .setLatLng(at)
    .setContent(text);
}

export function bounds(all: readonly Grid[]): L.LatLngBounds | null {
  const box = L.latLngBounds([]);
  for (const grid of all) box.extend(L.latLngBounds(latLngs(grid).flat(2)));
  return box.isValid() ? box : null;
}

function latLngs(grid: Grid): L.LatLngTuple[][][] {
  return grid.polygon.map((polygon) => polygon.map((ring) => ring.map(([lon, lat]): L.LatLngTuple => [lat, lon])));
}

export function water(map: L.Map, district: DistrictMap, title: string): L.LayerGroup {
  const group = L.layerGroup();
  const tone = colour(map.getContainer(), "--map-water");
  for (const source of district.water) {
    if (typeof source.lon !== "number" || typeof source.lat !== "number") continue;
    const dot = L.circleMarker([source.lat, source.lon], { radius: 2.5, color: tone, weight: 1.5, fill: false, interactive: false });
    group.addLayer(dot.bindTooltip(title));
  }
  return group.addTo(map);
}

export function stationMark(station: Station, label: string, own: boolean, name: string | null): L.Marker {
  const size = own ? 38 : 24;
  const kind = own ? "own" : readiness(station);
  return mark(station.lat, station.lon, size, `map-station ${kind}`, own ? "house" : stationSign(kind), label, name, own ? 500 : 0);
}

function stationSign(kind: string): Drawing {
  return ({ engaged: "arrow", "no-screen": "noline", "off-duty": "cross" } as Record<string, Drawing>)[kind] ?? "shield";
}

export function spotMark(spot: Spot, size = 40): L.Marker {
  const classes = `map-incident ${tintOf(spot.priority)}${spot.drill ? " drill" : ""}${spot.chosen ? " chosen" : ""}`;
  return mark(spot.lat, spot.lon, size, classes, signOf(spot.priority), spot.label, spot.name ?? null, 1_000 - spot.priority, true);
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
