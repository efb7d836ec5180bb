/** What a page knows, kept current by the link: orders, incidents, the line's state, the server's time. */
import type { Act, Action, Incident, Me, Order } from "./contract";
import { Api, Problem } from "./api";
import { open, type Link, type News } from "./link";
import { isEnded, put, putIncident } from "./orders";
import type { Phase, Session } from "./session";

/** How often lists are read again even though frames keep them current. */
const SWEEP_MS = 60_000;
/** Hints that come together cause one reading. */
const SOON_MS = 400;

export class Duty {
  orders = $state.raw<ReadonlyMap<string, Order>>(new Map());
  incidents = $state.raw<ReadonlyMap<string, Incident>>(new Map());
  phase = $state<Phase>("connecting");
  /** Whether the line was ever up; before that "lost" would be the wrong word. */
  wasLive = $state(false);
  heardAt = $state<number | null>(null);
  queue = $state.raw<readonly Act[]>([]);
  failure = $state<{ order: string; error: string } | null>(null);
  /** Whether the lists were read at least once. */
  swept = $state(false);
  refused = $state<string | null>(null);
  /** Milliseconds of epoch on the server's clock, to the quarter second. */
  now = $state(Date.now());
  /** Milliseconds since something last arrived; null before. */
  silence = $state<number | null>(null);

  readonly api: Api;
  private offset = 0;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private link: Link | null = null;
  private readonly timers: ReturnType<typeof setInterval>[] = [];

  constructor(
    readonly token: string,
    readonly me: Me,
    private readonly lists: { incidents: boolean; orders: boolean },
  ) {
    this.api = new Api(token);
  }

  start(): void {
    this.link = open(this.token, { news: (news) => this.take(news), changed: (session) => this.note(session) });
    this.timers.push(setInterval(() => this.tick(), 250), setInterval(() => void this.sweep(), SWEEP_MS));
    void this.sweep();
  }

  stop(): void {
    this.link?.stop();
    clearTimeout(this.soon);
    this.timers.forEach(clearInterval);
  }

  retry(): void {
    this.link?.retry();
  }

  /** Sends a press; it stays in `queue` until its result came. A second press of the same while it waits is the first. */
  act(order: string, action: Action, more: Pick<Act, "note" | "value"> = {}): void {
    if (this.queue.some((act) => act.order === order && act.action === action)) return;
    this.failure = null;
    this.link?.act({ ref: crypto.randomUUID?.() ?? fallbackRef(), order, action, ...more });
  }

  pending(order: string): Act | undefined {
    return this.queue.find((act) => act.order === order);
  }

  putIncident(incident: Incident): void {
    this.incidents = putIncident(this.incidents, incident);
  }

  private sweepSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.sweep(), SOON_MS);
  }

  /** Reads the lists again: frames are the hint, the server's lists the truth. */
  async sweep(): Promise<void> {
    try {
      if (this.lists.incidents) await this.sweepIncidents();
      if (this.lists.orders) await this.sweepOrders();
      this.swept = true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.refused = error.title;
    }
  }

  private async sweepIncidents(): Promise<void> {
    const known = [...this.incidents.values()].filter((incident) => incident.state === "open");
    const items = await this.api.all<Incident>("/api/incidents?state=open");
    items.forEach((incident) => this.putIncident(incident));
    const listed = new Set(items.map((incident) => incident.id));
    // open to our knowledge but not listed: closed meanwhile, or so new that the lists do not have it yet
    for (const { id } of known.filter((incident) => !listed.has(incident.id))) {
      await this.api.get<Incident>(`/api/incidents/${encodeURIComponent(id)}`).then(
        (incident) => this.putIncident(incident),
        () => undefined,
      );
    }
  }

  private async sweepOrders(): Promise<void> {
    const recipient = this.me.recipient;
    if (recipient === null) return;
    const { items } = await this.api.get<{ items: Order[] }>(
      `/api/orders?recipient=${encodeURIComponent(recipient)}&limit=50`,
    );
    this.orders = items.reduce<ReadonlyMap<string, Order>>(put, this.orders);
  }

  private take(news: News): void {
    switch (news.type) {
      case "state":
        this.onState(news.open, news.resumed);
        return;
      case "order":
        this.orders = put(this.orders, news.order);
        // incidents are pushed to command alone: for others a change to their order is the hint to look
        if (this.lists.incidents && this.me.role !== "command") this.sweepSoon();
        return;
      case "incident":
        this.putIncident(news.incident);
        return;
      case "server_time":
        this.offset = Date.parse(news.time) - Date.now();
        this.tick();
        return;
      case "result":
        if (!news.ok) this.failure = { order: news.act.order, error: news.error ?? "" };
        return;
      case "refused":
        this.refused = news.error;
    }
  }

  private onState(open: Order[], resumed: boolean): void {
    if (resumed) return;
    // `open` is the state: what we held open and it does not name has ended; the sweep reads how
    const ended = [...this.orders.values()].filter(isEnded).map((order) => [order.id, order] as const);
    this.orders = open.reduce<ReadonlyMap<string, Order>>(put, new Map(ended));
    void this.sweep();
  }

  private note(session: Session): void {
    this.phase = session.phase;
    this.wasLive ||= session.phase === "live";
    this.heardAt = session.heardAt;
    this.queue = session.queue;
    this.silence = session.heardAt === null ? null : performance.now() - session.heardAt;
  }

  private tick(): void {
    this.now = Date.now() + this.offset;
    this.silence = this.heardAt === null ? null : performance.now() - this.heardAt;
  }
}

/** `randomUUID` exists only on https and localhost; a station's screen may use plain http on the district's own net. */
function fallbackRef(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
