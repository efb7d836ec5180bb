/**
 * GCJ-02, the shifted datum of Chinese maps, to WGS-84 and back: the same constants as the server's devices/gcj02.py. Pure.
 * The shift is a published approximation; its inverse is found by iteration.
 */

const AXIS_M = 6_378_245; // Krasovsky 1940, which the shift is defined on
const ECCENTRICITY_2 = 0.006_693_421_622_965_943_23;
const CONVERGED_DEG = 1e-10;
const ROUNDS = 30;

export type Position = [lon: number, lat: number];

/** A WGS-84 position in GCJ-02. Outside China's box nothing is shifted. */
export function toGcj02([lon, lat]: Position): Position {
  if (outside(lon, lat)) return [lon, lat];
  const [east, north] = shift(lon, lat);
  return [lon + east, lat + north];
}

/** A GCJ-02 position in WGS-84. */
export function toWgs84([lon, lat]: Position): Position {
  if (outside(lon, lat)) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [east, north] = shift(x, y);
    const [stepX, stepY] = [lon - east - x, lat - north - y];
    x += stepX;
    y += stepY;
    if (Math.abs(stepX) < CONVERGED_DEG && Math.abs(stepY) < CONVERGED_DEG) break;
  }
  return [x, y];
}

/** Whether it lies outside the customary box in which the shift is applied, which is larger than China. */
export function outside(lon: number, lat: number): boolean {
  return !(lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271);
}

/** Degrees east and north that GCJ-02 moves a WGS-84 position. */
function shift(lon: number, lat: number): [east: number, north: number] {
  const { sin, cos, sqrt, abs, PI } = Math;
  const [x, y] = [lon - 105, lat - 35];
  const waves = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + (waves * 2) / 3;
  north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
  north += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + (waves * 2) / 3;
  east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
  east += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const phi = (lat / 180) * PI;
  const magic = 1 - ECCENTRICITY_2 * sin(phi) ** 2;
  const meridian = (AXIS_M * (1 - ECCENTRICITY_2)) / magic ** 1.5;
  const parallel = (AXIS_M / sqrt(magic)) * cos(phi);
  return [((east / parallel) * 180) / PI, ((north / meridian) * 180) / PI];
}
