/** The way of each order, asked for once when it is first looked at. */
import type { Api } from "./api";
import type { Way } from "./contract";

const AGAIN_MS = 5_000;
const KEPT = 40;

export class Ways {
  private found = $state.raw<ReadonlyMap<string, Way>>(new Map());
  private readonly asked = new Set<string>();
  private going = true;

  constructor(private readonly api: Api) {}

  of(order: string): Way | null {
    return this.found.get(order) ?? null;
  }

  want(order: string): void {
    if (this.asked.has(order) || !this.going) return;
    this.asked.add(order);
    this.api.get<Way>(`/api/orders/${encodeURIComponent(order)}/way`).then(
      (way) => this.keep(way),
      () => setTimeout(() => this.asked.delete(order), AGAIN_MS),
    );
  }

  stop(): void {
    this.going = false;
  }

  private keep(way: Way): void {
    const kept = [...this.found, [way.order, way] as const].slice(-KEPT);
    this.found = new Map(kept);
    for (const order of this.asked) if (!this.found.has(order) && this.asked.size > KEPT) this.asked.delete(order);
  }
}
