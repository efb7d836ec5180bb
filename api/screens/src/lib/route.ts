/** Where on the command page one is, as its address says it: `#incidents`, `#situation/I-000123`. */

export const ROOMS = ["situation", "incidents", "live", "statistics", "roster", "restrictions", "log", "phones"] as const;
export type RoomName = (typeof ROOMS)[number];
/** What an address may name beside the rooms: one incident in full, `#incident/I-000123` or `#incident/I-000123/replay`. */
const PAGES = [...ROOMS, "incident"] as const;
export type PageName = (typeof PAGES)[number];

export interface Route {
  room: PageName;
  /** What the room is asked to show, such as an incident's id; null for the room itself. */
  subject: string | null;
}

/** The route a fragment names; what names none is the situation. */
export function parse(fragment: string): Route {
  // a fragment that carried a token comes back with an equals sign behind what was left of it
  const [room = "", ...rest] = fragment.replace(/^#/, "").replace(/[=&].*$/, "").replace(/%2F/gi, "/").split("/");
  const known = PAGES.find((name) => name === room);
  return { room: known ?? "situation", subject: known && rest.length > 0 ? decode(rest.join("/")) : null };
}

export function fragment({ room, subject }: Route): string {
  return subject === null ? `#${room}` : `#${room}/${encodeURIComponent(subject)}`;
}

/** The room that a digit key opens, 1 the first; null for any other key. */
export function roomOfKey(key: string): RoomName | null {
  return /^[1-9]$/.test(key) ? (ROOMS[Number(key) - 1] ?? null) : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text) || null;
  } catch {
    return null;
  }
}
