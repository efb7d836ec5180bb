/** The way to a place, and where the phone is, drawn over a map. */
import L from "leaflet";
import type { Here } from "./here";
import { colour } from "./map";
import type { Undo } from "./overlays";

export interface Way {
  method: "roads" | "line";
  line: [number, number][];
  length_m: number;
  travel_s: number;
}

/** Dark within light, so that the way stands out from every street; dashed where it is a guess. */
export function draw(map: L.Map, way: Way | null, here: Here | null, me: string): Undo {
  const tone = colour(map.getContainer(), "--calm");
  const group = L.layerGroup();
  if (way !== null) {
    const points = way.line.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
    const shared = { interactive: false, lineCap: "round", lineJoin: "round" } as const;
    group.addLayer(L.polyline(points, { ...shared, color: "#fff", weight: 10, opacity: 0.9 }));
    group.addLayer(L.polyline(points, { ...shared, color: tone, weight: 5, ...(way.method === "line" ? { dashArray: "4 12" } : {}) }));
  }
  if (here !== null) {
    const at: L.LatLngTuple = [here.lat, here.lon];
    group.addLayer(L.circle(at, { interactive: false, radius: here.accuracy_m, weight: 1, color: tone, fillColor: tone, fillOpacity: 0.12 }));
    group.addLayer(L.circleMarker(at, { interactive: false, radius: 8, weight: 3, color: "#fff", fillColor: tone, fillOpacity: 1 }).bindTooltip(me));
  }
  group.addTo(map);
  return () => group.remove();
}
