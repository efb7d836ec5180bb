/** A request that must get there: sent again until the server has answered it. Its body names it, so that twice is once. */
import { Problem } from "./api";

const AGAIN_MS = 2_000;

/** What `send` resolves to at last. Rejects with what the server said no to; ends with `signal`. */
export async function deliver<T>(send: () => Promise<T>, signal: AbortSignal, againMs = AGAIN_MS): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof Problem && error.status < 500) throw error;
      if (signal.aborted) throw error;
      await pause(againMs, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
