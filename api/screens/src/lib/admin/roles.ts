/** Roles of tokens and users, what each is for, and the page it opens. Pure. */
import type { Noun } from "./fields";

export const ROLES = ["station", "person", "control_room", "command", "viewer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Roles that are for one code, and what is registered by it. */
export const SCOPES: Record<string, Noun | undefined> = { station: "stations", person: "people", control_room: "places" };

const PAGES: Record<Role, string> = {
  station: "/station",
  person: "/leader",
  control_room: "/control-room",
  command: "/command",
  viewer: "/command",
  admin: "/admin",
};

/** The link that opens the role's page signed in; the token stands behind `#`, so that no server's log gets it. */
export function link(origin: string, role: string, token: string): string {
  return `${origin}${PAGES[role as Role] ?? "/login"}#token=${token}`;
}

/** The token in a pasted text: a whole link, or the token alone. */
export function tokenIn(text: string): string {
  return /token=([^&\s]+)/.exec(text)?.[1] ?? text.trim();
}
