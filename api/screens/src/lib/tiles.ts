/** Pictures of a map under our own vectors, as the operator has set them up. */
import L from "leaflet";
import type { Tiles } from "./contract";
import { toGcj02, toWgs84 } from "./datum";
import type { Undo } from "./overlays";

const MERCATOR = L.Projection.SphericalMercator;

/** Positions stay WGS-84 everywhere; only where they lie on the map is shifted, so that clicks come back as WGS-84 too. */
const GCJ_02: L.CRS = L.extend({}, L.CRS.EPSG3857, {
  code: "EPSG:3857 (GCJ-02)",
  projection: L.extend({}, MERCATOR, {
    project(at: L.LatLng): L.Point {
      const [lon, lat] = toGcj02([at.lng, at.lat]);
      return MERCATOR.project(L.latLng(lat, lon));
    },
    unproject(point: L.Point): L.LatLng {
      const { lng, lat } = MERCATOR.unproject(point);
      const [lon, north] = toWgs84([lng, lat]);
      return L.latLng(north, lon);
    },
  }),
});

/** CGCS2000 and WGS-84 differ by centimetres: no map of streets shows it. */
export function crsOf(tiles: Tiles | null | undefined): L.CRS {
  return tiles?.datum === "gcj02" ? GCJ_02 : L.CRS.EPSG3857;
}

/** The map lies as the pictures do from now on; what is drawn on it moves along. */
export function align(map: L.Map, tiles: Tiles | null | undefined): void {
  const crs = crsOf(tiles);
  if (map.options.crs === crs) return;
  const centre = map.getCenter();
  map.options.crs = crs;
  map.setView(centre, map.getZoom(), { reset: true } as L.ZoomPanOptions);
}

/** The pictures, under everything. Of an archive they may be pictures or vectors; either library is fetched only then. */
export function picture(map: L.Map, tiles: Tiles, dark: boolean, language: string): Undo {
  let layer: L.Layer | null = null;
  let gone = false;
  const add = (made: L.Layer) => {
    if (gone) return;
    layer = made;
    layer.addTo(map);
  };
  const shared = { pane: "tilePane", attribution: tiles.attribution ?? "", maxZoom: 22 };
  map.getContainer().classList.add("pictured");
  if (tiles.kind === "template") add(L.tileLayer(tiles.url, { ...shared, maxNativeZoom: 18 }));
  else void archive(tiles, dark, language).then(add, () => undefined);
  return () => {
    gone = true;
    layer?.remove();
    map.getContainer().classList.remove("pictured");
  };
}

const VECTORS = 1;

async function archive(tiles: Tiles, dark: boolean, language: string): Promise<L.Layer> {
  const { PMTiles, leafletRasterLayer } = await import("pmtiles");
  const source = new PMTiles(tiles.url);
  const header = await source.getHeader();
  const options = { attribution: tiles.attribution ?? "", maxNativeZoom: header.maxZoom, maxZoom: 22 };
  if (header.tileType !== VECTORS) return leafletRasterLayer(source, options) as unknown as L.Layer;
  const { leafletLayer } = await import("protomaps-leaflet");
  return leafletLayer({ url: tiles.url, flavor: dark ? "dark" : "light", lang: language, maxDataZoom: header.maxZoom, attribution: options.attribution }) as unknown as L.Layer;
}
