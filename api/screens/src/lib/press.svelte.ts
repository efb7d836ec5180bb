/** The printing of turnout sheets: when asked for, and by itself for every new order where this desk wants it. */
import { flushSync, tick } from "svelte";
import type { Order } from "./contract";
import { settings } from "./settings.svelte";
import type { Ways } from "./ways.svelte";

/** A sheet waits so long for its map; the crew does not wait for it. */
const MAP_MS = 1_500;
/** Orders that came together are printed together. */
const GATHER_MS = 150;

/** Ids of orders that are remembered as seen. */
const REMEMBERED = 1_000;

export class Press {
  /** What is on paper now. */
  sheets = $state.raw<readonly Order[]>([]);
  private seen: Set<string> | null = null;
  private waiting: Order[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `shown` is what somebody means who prints by the browser's own key: the screen itself is not for paper. */
  start(shown: () => Order | undefined): () => void {
    const begin = () => {
      const order = shown();
      if (this.sheets.length === 0 && order !== undefined) flushSync(() => (this.sheets = [order]));
    };
    const done = () => (this.sheets = []);
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", done);
    return () => {
      clearTimeout(this.timer);
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", done);
    };
  }

  /** Orders that wait for an answer; those not seen before are printed. What was there when the page began is not new. */
  see(known: boolean, orders: readonly Order[], ways: Ways): void {
    const fresh = this.seen === null ? [] : orders.filter(({ id }) => !this.seen?.has(id));
    if (this.seen !== null || known) this.seen = new Set([...(this.seen ?? []), ...orders.map(({ id }) => id)].slice(-REMEMBERED));
    if (fresh.length === 0 || !settings.prints) return;
    fresh.forEach(({ id }) => ways.want(id));
    this.waiting.push(...fresh);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.gather(ways, performance.now() + MAP_MS), GATHER_MS);
  }

  print(orders: readonly Order[]): void {
    this.sheets = orders;
    void tick().then(() => window.print());
  }

  private gather(ways: Ways, until: number): void {
    if (performance.now() < until && this.waiting.some(({ id }) => ways.of(id) === null)) {
      this.timer = setTimeout(() => this.gather(ways, until), GATHER_MS);
      return;
    }
    const orders = this.waiting;
    this.waiting = [];
    this.print(orders);
  }
}
