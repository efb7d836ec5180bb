/** Where the phone is, asked of the person first by the browser, and only on https or localhost. */

export type Trouble = "insecure" | "denied" | "unavailable";

export interface Here {
  /** WGS-84 degrees. */
  lon: number;
  lat: number;
  /** Metres within which it is true. */
  accuracy_m: number;
}

const WITHIN_MS = 15_000;

export function canAsk(): boolean {
  return window.isSecureContext && "geolocation" in navigator;
}

/** The position, or why there is none. */
export function find(): Promise<Here | Trouble> {
  if (!canAsk()) return Promise.resolve("insecure");
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy) }),
      (error) => resolve(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, timeout: WITHIN_MS, maximumAge: 10_000 },
    ),
  );
}
