/**
 * Presses that have no answer yet, kept where a closed tab, a reload or a dead battery does not lose them. Each lies under
 * a key of its own, so that two tabs of one recipient do not write over each other: whoever opens takes up what is there,
 * and what is sent twice under one `ref` counts once.
 */
import type { Act } from "./contract";

export interface Keeping {
  /** What waited when the page was last left, oldest first. */
  load(): Act[];
  save(queue: readonly Act[]): void;
}

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const PREFIX = "firegrid.act.";
/** The server knows a `ref` for a day: what is older could count twice, and its order is long over. */
export const KEPT_MS = 20 * 3_600_000;

/** For `owner`: a recipient, or a link's recipient and order. `now` is in milliseconds of epoch. */
export function keeping(owner: string, storage: Kept | null, now: () => number): Keeping {
  const prefix = `${PREFIX}${owner}/`;
  let mine = new Set<string>();

  function load(): Act[] {
    const found: Act[] = [];
    for (const key of keysOf(storage, prefix)) {
      const act = parse(storage?.getItem(key) ?? null);
      if (act !== null && now() - madeAt(act) < KEPT_MS) found.push(act);
      else storage?.removeItem(key);
    }
    mine = new Set(found.map(({ ref }) => ref));
    return found.sort((a, b) => madeAt(a) - madeAt(b));
  }

  function save(queue: readonly Act[]): void {
    const wanted = new Set(queue.map(({ ref }) => ref));
    try {
      for (const act of queue) if (!mine.has(act.ref)) storage?.setItem(prefix + act.ref, JSON.stringify(act));
      for (const ref of mine) if (!wanted.has(ref)) storage?.removeItem(prefix + ref);
    } catch {
      // a full or forbidden store: the press still waits in memory
    }
    mine = wanted;
  }

  return { load, save };
}

/** The browser's store, or null where it is forbidden. */
export function browserStore(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function keysOf(storage: Kept | null, prefix: string): string[] {
  if (storage === null) return [];
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
  return keys.filter((key) => key.startsWith(prefix));
}

const madeAt = (act: Act): number => (act.pressed_at === undefined ? 0 : Date.parse(act.pressed_at));

function parse(text: string | null): Act | null {
  try {
    const act = JSON.parse(text ?? "null") as Partial<Act> | null;
    const whole = typeof act?.ref === "string" && typeof act.order === "string" && typeof act.action === "string";
    return whole && typeof act.pressed_at === "string" ? (act as Act) : null;
  } catch {
    return null;
  }
}
