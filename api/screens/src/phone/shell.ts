/** What the worker does with a request. Pure. */

/** `page`: from the server while it answers soon, else as kept. `asset`: as kept, for its name changes with its content. */
export type Way = "page" | "asset" | "server";

/** How long a page waits for a server that does not answer before it is shown as kept. */
export const PAGE_WITHIN_MS = 2_500;

export interface Asked {
  method: string;
  url: URL;
  origin: string;
  /** Whether a person opens the page with it. */
  navigates: boolean;
}

/** `page` is the path of the one page that is kept, such as `/leader`. */
export function wayOf({ method, url, origin, navigates }: Asked, page: string): Way {
  if (method !== "GET" || url.origin !== origin) return "server";
  if (navigates) return url.pathname === page ? "page" : "server";
  return url.pathname.startsWith("/assets/") ? "asset" : "server";
}

const PREFIX = "firegrid-phone";

export function cacheName(page: string, version: string): string {
  return `${PREFIX}:${page}:${version}`;
}

/**
 * Caches to let go once `version` of `page` has taken over: of this page all but it and the one before it, from which an
 * older tab may still read. `names` are in the order they were made.
 */
export function outdated(names: readonly string[], page: string, version: string): string[] {
  const own = names.filter((name) => name.startsWith(`${PREFIX}:${page}:`) && name !== cacheName(page, version));
  return own.slice(0, -1);
}
