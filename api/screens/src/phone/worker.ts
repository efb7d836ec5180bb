/**
 * Keeps the shell of one phone page, so that it opens without a line. Never anything of the API; a page is always taken from
 * the server while that answers, so that nobody is left with an old one.
 */
import { cacheName, outdated, PAGE_WITHIN_MS, wayOf } from "./shell";

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** What of a service worker's global scope is used here; the page's own types do not have it. */
interface Scope {
  readonly registration: { readonly scope: string };
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
}

/** Put in by the build: of each page the files it is made of, and what tells this version from others. */
declare const __SHELL__: { version: string; files: Record<string, string[]> };

const scope = self as unknown as Scope;
const page = new URL(scope.registration.scope).pathname;
const name = cacheName(page, __SHELL__.version);

scope.addEventListener("install", (event) => {
  const files = [page, ...(__SHELL__.files[page] ?? [])];
  // past the browser's own cache: what is kept is what the server has now
  const fresh = files.map((file) => new Request(file, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(fresh)).then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(outdated(names, page, __SHELL__.version).map((old) => caches.delete(old))))
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const asked = { method: request.method, url: new URL(request.url), origin: scope.location.origin, navigates: request.mode === "navigate" };
  const way = wayOf(asked, page);
  if (way === "page") event.respondWith(openPage(request));
  else if (way === "asset") event.respondWith(kept(request));
});

async function openPage(request: Request): Promise<Response> {
  const server = fetch(request);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PAGE_WITHIN_MS));
  try {
    const answer = await Promise.race([server, late]);
    if (answer !== null && answer.status < 500) return answer;
  } catch {
    // no line
  }
  const shell = await caches.match(page, { cacheName: name });
  return shell ?? server;
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
