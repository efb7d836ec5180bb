/** The page's access token. Each page keeps its own, so that one browser can show several roles side by side. */

const PREFIX = "firegrid.token.";

/** The token for `page`: from a link's `#token=…` (which is then taken out of the address bar), else as kept. */
export function take(page: string): string | null {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const given = fragment.get("token");
  if (given) {
    fragment.delete("token");
    const rest = fragment.toString();
    const address = window.location.pathname + window.location.search + (rest ? `#${rest}` : "");
    window.history.replaceState(null, "", address);
    keep(page, given);
    return given;
  }
  return sessionStorage.getItem(PREFIX + page) ?? localStorage.getItem(PREFIX + page);
}

/** This tab keeps it for itself; a browser opened again (a kiosk after a power cut) finds the last one. */
export function keep(page: string, token: string): void {
  sessionStorage.setItem(PREFIX + page, token);
  localStorage.setItem(PREFIX + page, token);
}

export function forget(page: string): void {
  sessionStorage.removeItem(PREFIX + page);
  localStorage.removeItem(PREFIX + page);
}
