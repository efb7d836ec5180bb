import type { Me } from "./contract";

/** The page's access token. Each page keeps its own, so that one browser can show several roles side by side. */

const PREFIX = "firegrid.token.";

/**
 * The token for `page`: from the address's `#token=…` or, out of a message, `#link=…` (either is then taken out of the
 * address bar), else as kept. A link's token, good for one order and some hours, never takes the place of the person's own.
 */
export function take(page: string): string | null {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const given = fragment.get("token") ?? fragment.get("link");
  if (given) {
    const linked = !fragment.has("token");
    fragment.delete("token");
    fragment.delete("link");
    const rest = fragment.toString();
    const address = window.location.pathname + window.location.search + (rest ? `#${rest}` : "");
    window.history.replaceState(null, "", address);
    const own = localStorage.getItem(PREFIX + page);
    if (linked && own !== null && isAsGood(own, given)) return own;
    if (linked) sessionStorage.setItem(PREFIX + page, given);
    else keep(page, given);
    return given;
  }
  return sessionStorage.getItem(PREFIX + page) ?? localStorage.getItem(PREFIX + page);
}

/** This tab keeps it for itself; a browser opened again (a kiosk after a power cut) finds the last one. */
export function keep(page: string, token: string): void {
  sessionStorage.setItem(PREFIX + page, token);
  localStorage.setItem(PREFIX + page, token);
}

/** `token` counts no longer; what else is kept for the page stays. */
export function forget(page: string, token: string): void {
  for (const store of [sessionStorage, localStorage]) {
    if (store.getItem(PREFIX + page) === token) store.removeItem(PREFIX + page);
  }
}

/** Whether the token kept here is the same person's as the link's, and still counts. */
export function isAsGood(own: string, link: string, now = Date.now()): boolean {
  const [mine, given] = [claims(own), claims(link)];
  return mine !== null && given !== null && mine["for"] === given["for"] && Number(mine["exp"]) * 1_000 > now && !("order" in mine);
}

/** What a token says of itself; who believes it is the server's business. */
function claims(token: string): Record<string, unknown> | null {
  try {
    const body = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(body)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const KNOWN = "firegrid.me.";

/** Who bears `token`, as the server last said, for a phone that is opened without a line. */
export function rememberMe(page: string, token: string, me: object): void {
  try {
    localStorage.setItem(KNOWN + page, JSON.stringify({ token, me }));
  } catch {
    // a full store: then the page waits for the line
  }
}

export function recallMe(page: string, token: string): Me | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KNOWN + page) ?? "null") as { token: string; me: Me } | null;
    return kept?.token === token ? kept.me : null;
  } catch {
    return null;
  }
}
