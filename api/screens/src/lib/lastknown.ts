/**
 * Open orders as they last stood, so that a page opened without a line has something to show and to press on. What an order
 * carries of the place is never among them: it is not to lie on a phone.
 */
import type { Order } from "./contract";
import { browserStore } from "./keeping";
import { isEnded } from "./orders";

const PREFIX = "firegrid.orders.";
const MOST = 20;
/** Older than this it says nothing any more. */
const KEPT_MS = 12 * 3_600_000;

export function remember(owner: string, orders: Iterable<Order>): void {
  const open = [...orders].filter((order) => !isEnded(order)).slice(-MOST);
  const bare = open.map((order) => ({ ...order, file: null }));
  try {
    const store = browserStore();
    if (bare.length === 0) store?.removeItem(PREFIX + owner);
    else store?.setItem(PREFIX + owner, JSON.stringify({ at: Date.now(), orders: bare }));
  } catch {
    // a full store: then there is nothing to show without a line
  }
}

export function recall(owner: string): Order[] {
  try {
    const kept = JSON.parse(browserStore()?.getItem(PREFIX + owner) ?? "null") as { at: number; orders: Order[] } | null;
    return kept !== null && Date.now() - kept.at < KEPT_MS ? kept.orders : [];
  } catch {
    return [];
  }
}
