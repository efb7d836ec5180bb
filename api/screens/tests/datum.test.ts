import { expect, test } from "vitest";
import { toGcj02, toWgs84, type Position } from "../src/lib/datum";

test("a known position is shifted by its known amount", () => {
  // the customary check value of public implementations, the server's test has the same
  const [lon, lat] = toGcj02([116.404, 39.915]);
  expect(lon).toBeCloseTo(116.41024449916938, 9);
  expect(lat).toBeCloseTo(39.91640428150164, 9);
});

test("back and forth is where one began", () => {
  const places: Position[] = [[116.404, 39.915], [121.47, 31.23], [87.6, 43.8], [110.3, 20.0], [120.6035, 30.899], [135, 48]];
  for (const place of places) {
    for (const there of [toWgs84(toGcj02(place)), toGcj02(toWgs84(place))]) {
      expect(there[0]).toBeCloseTo(place[0], 8);
      expect(there[1]).toBeCloseTo(place[1], 8);
    }
  }
});

test("the shift is some hundred metres in China and none outside", () => {
  const [lon, lat] = toGcj02([120.6, 30.9]);
  expect(Math.hypot((lon - 120.6) * 95_000, (lat - 30.9) * 111_000)).toBeGreaterThan(200);
  expect(Math.hypot((lon - 120.6) * 95_000, (lat - 30.9) * 111_000)).toBeLessThan(900);
  expect(toGcj02([13.4, 52.5])).toEqual([13.4, 52.5]);
  expect(toWgs84([-0.1, 51.5])).toEqual([-0.1, 51.5]);
});
