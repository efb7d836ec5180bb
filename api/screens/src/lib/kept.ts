/** What a person has typed and not saved yet, kept by the browser: no closed tab and no power cut loses it. */

/** `ref` is the saving's own name: said again after a lost line, it is the same version. `entry`: what it was drafted from. */
export interface Kept {
  text: string;
  signed: string;
  ref: string;
  entry: number;
  /** Whether a person has changed the draft. */
  touched: boolean;
}

const PREFIX = "firegrid.paper.";
type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function keep(store: Store, name: string, kept: Kept): void {
  store.setItem(PREFIX + name, JSON.stringify(kept));
}

/** What was kept under the name; null where nothing was, or nothing that can be read. */
export function recall(store: Store, name: string): Kept | null {
  try {
    const found = JSON.parse(store.getItem(PREFIX + name) ?? "null") as Partial<Kept> | null;
    if (typeof found?.text !== "string" || typeof found.ref !== "string") return null;
    return { text: found.text, signed: found.signed ?? "", ref: found.ref, entry: found.entry ?? 0, touched: found.touched === true };
  } catch {
    return null;
  }
}

export function forget(store: Store, name: string): void {
  store.removeItem(PREFIX + name);
}
