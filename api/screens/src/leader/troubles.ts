/** What is wrong with the devices of a grid, in the order in which somebody should see to it. Pure. */
import type { OwnAlarm, OwnDevice } from "./area.svelte";

export const TROUBLES = ["offline", "fault", "tamper", "low_battery", "contamination", "unknown"] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface Line {
  id: string;
  trouble: Trouble;
  device: string;
  place: string;
  floor: number | null;
  room: string | null;
  /** Milliseconds of epoch; null of a device never heard. */
  since: number | null;
  alarm: OwnAlarm | null;
}

/** From open alarms (all of them) and devices (as many as were read); what has lasted longest comes first. */
export function troubles(alarms: readonly OwnAlarm[], devices: readonly OwnDevice[]): Line[] {
  const isTrouble = (kind: string): kind is Trouble => (TROUBLES as readonly string[]).includes(kind);
  const told = alarms.flatMap((alarm): Line[] =>
    isTrouble(alarm.kind) && alarm.state !== "cleared"
      ? [
          {
            id: alarm.id,
            trouble: alarm.kind,
            device: alarm.device,
            place: alarm.place,
            floor: alarm.floor ?? null,
            room: alarm.room ?? null,
            since: Date.parse(alarm.since),
            alarm,
          },
        ]
      : [],
  );
  const silent = devices
    .filter(({ state }) => state === "unknown")
    .map(({ code, place, floor, room }): Line => ({ id: code, trouble: "unknown", device: code, place, floor, room, since: null, alarm: null }));
  return [...told, ...silent].sort(
    (a, b) =>
      TROUBLES.indexOf(a.trouble) - TROUBLES.indexOf(b.trouble) || (a.since ?? 0) - (b.since ?? 0) || a.device.localeCompare(b.device),
  );
}

/** How many there are of each. */
export function counts(lines: readonly Line[]): Map<Trouble, number> {
  const found = new Map<Trouble, number>();
  for (const { trouble } of lines) found.set(trouble, (found.get(trouble) ?? 0) + 1);
  return found;
}

/** Places whose name, address or code holds every word of `text`; all without one. */
export function search<P extends { code: string; name: string; address: string }>(places: readonly P[], text: string): P[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return places.filter(({ code, name, address }) => {
    const whole = `${name} ${address} ${code}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
