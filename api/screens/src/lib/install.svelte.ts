/** The page as an app on the phone: its worker, which keeps the shell for a bad line, and whether a newer one is ready. */

const LOOK_MS = 30 * 60_000;

class Install {
  /** The browser offers to put the page on the home screen. */
  offer = $state.raw<{ prompt: () => Promise<unknown> } | null>(null);
  /** A newer version has taken over: the page shown is the older one until it is opened anew. */
  renewed = $state(false);
  /** Whether this address lets a page be installed, work without a line, and ask where the phone is. */
  readonly secure = window.isSecureContext;

  async accept(): Promise<void> {
    const offer = this.offer;
    this.offer = null;
    await offer?.prompt();
  }
}

export const install = new Install();

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install.offer = event as unknown as { prompt: () => Promise<unknown> };
});

/** From now on the worker keeps the shell of the page at `path`; nothing of any other page or of the API. */
export function register(path: string): void {
  if (!("serviceWorker" in navigator)) return;
  const had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => (install.renewed = had));
  navigator.serviceWorker.register("/phone-worker.js", { scope: path }).then(
    (registration) => {
      const look = () => void registration.update().catch(() => undefined);
      setInterval(look, LOOK_MS);
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
    },
    () => undefined, // without it the page works as long as there is a line
  );
}
