/** The screen stays lit (Screen Wake Lock API): asked for again whenever the page is seen again, for hiding ends it. */

export class Awake {
  held = $state(false);
  private lock: WakeLockSentinel | null = null;

  /** Works on https and localhost only; elsewhere the machine's own settings must keep the screen on. */
  start(): () => void {
    let going = true;
    const ask = () => {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator) || this.held) return;
      navigator.wakeLock.request("screen").then(
        (lock) => {
          if (!going) return void lock.release();
          this.lock = lock;
          this.held = true;
          lock.addEventListener("release", () => (this.held = false));
        },
        () => (this.held = false),
      );
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    const again = setInterval(ask, 30_000); // a low battery may have refused it for a while
    return () => {
      going = false;
      clearInterval(again);
      document.removeEventListener("visibilitychange", ask);
      void this.lock?.release();
    };
  }
}
