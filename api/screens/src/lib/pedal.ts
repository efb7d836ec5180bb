/** A foot switch is a keyboard with one key: which stroke it sends, learnt once and kept by the browser. */

export interface Stroke {
  code: string;
  key: string;
}

type Pressed = Pick<KeyboardEvent, "code" | "key">;

/** Keys that mean something else on the page or are no stroke of their own. */
const TAKEN = new Set(["Tab", "Escape", "Shift", "Control", "Alt", "Meta", "CapsLock", "NumLock", "Dead", "Process", "Unidentified"]);

/** The stroke to learn from a key that was pressed; null for one that cannot be a foot switch. Digits choose people. */
export function learn(event: Pressed): Stroke | null {
  return TAKEN.has(event.key) || /^\d$/.test(event.key) ? null : { code: event.code, key: event.key };
}

/** Whether the key pressed is the foot switch. By place where the browser knows it: letters change with the layout. */
export function isPedal(event: Pressed, stroke: Stroke | null): boolean {
  if (stroke === null) return false;
  return stroke.code !== "" ? event.code === stroke.code : event.key === stroke.key;
}

/** What was kept; null where it is nothing of ours. */
export function parse(text: string | null): Stroke | null {
  try {
    const kept = JSON.parse(text ?? "null") as Partial<Stroke> | null;
    return typeof kept?.code === "string" && typeof kept.key === "string" ? { code: kept.code, key: kept.key } : null;
  } catch {
    return null;
  }
}
