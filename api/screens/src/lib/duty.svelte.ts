/** What a page knows, kept current by the link: orders, incidents, the line's state, the server's time. */
import type { Act, Action, Check, Flood, Incident, Me, Order, Watch } from "./contract";
import { Api, Problem } from "./api";
import { putCheck, putOpen, type Checks } from "./checks";
import { browserStore, keeping } from "./keeping";
import { deliver } from "./letter";
import { open, type Link, type News } from "./link";
import { lacks } from "./flood";
import { enter, enterIncident, forget, forgetIncidents, isEnded } from "./orders";
import { newRef } from "./ref";
import type { Said } from "./refusal";
import type { Phase, Session } from "./session";

/** How often lists are read again even though frames keep them current. */
const SWEEP_MS = 60_000;
/** Hints that come together cause one reading. */
const SOON_MS = 400;
/** In a flood the server tells of so many incidents a second at most; the list is read for the others, with such pauses. */
const FLOOD_MS = 5_000;
/** In a storm of frames the page is changed no more often than this; the first of them changes it at once. */
const SHOW_MS = 100;
/** Ended orders a page keeps, and closed incidents. */
const KEPT = 60;

/** What was not taken and nobody has read yet, at most. */
const MOST_FAILURES = 20;

/** A press that the server did not take, in its words. */
export interface Failure {
  order: string;
  action: Action;
  said: Said;
}

export class Duty {
  orders = $state.raw<ReadonlyMap<string, Order>>(new Map());
  incidents = $state.raw<ReadonlyMap<string, Incident>>(new Map());
  phase = $state<Phase>("connecting");
  /** Whether the line was ever up; before that "lost" would be the wrong word. */
  wasLive = $state(false);
  /** How often the line came back after it was lost: who reads beside the line reads again then. */
  back = $state(0);
  heardAt = $state<number | null>(null);
  /** The station's duty checks, the latest last. */
  checks = $state.raw<Checks>(new Map());
  flood = $state.raw<Flood | null>(null);
  queue = $state.raw<readonly Act[]>([]);
  failure = $state<Failure | null>(null);
  /** All that was not taken, until somebody has read it: what waited for a line comes back in one go. */
  failures = $state.raw<readonly Failure[]>([]);
  /** Whether the lists were read at least once. */
  swept = $state(false);
  refused = $state<string | null>(null);
  /** Milliseconds of epoch on the server's clock, to the quarter second. */
  now = $state(Date.now());
  /** Milliseconds since something last arrived; null before. */
  silence = $state<number | null>(null);

  readonly api: Api;
  private readonly orderBook = new Map<string, Order>();
  private readonly incidentBook = new Map<string, Incident>();
  private shownAt = Number.NEGATIVE_INFINITY;
  private showing: ReturnType<typeof setTimeout> | undefined;
  private readonly leaving = new AbortController();
  private offset = 0;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private sweeping: Promise<void> | null = null;
  private sweptAt = Number.NEGATIVE_INFINITY;
  private link: Link | null = null;
  private readonly timers: ReturnType<typeof setInterval>[] = [];

  constructor(
    readonly token: string,
    readonly me: Me,
    protected readonly lists: { incidents: boolean; orders: boolean },
  ) {
    this.api = new Api(token);
  }

  /** Whose presses these are: what waits under a link's token is not another token's to send. */
  protected get owner(): string {
    return `${this.me.recipient ?? this.me.role}${this.me.order ? `/${this.me.order}` : ""}`;
  }

  start(): void {
    const kept = keeping(this.owner, browserStore(), () => Date.now());
    this.link = open(this.token, { news: (news) => this.take(news), changed: (session) => this.note(session) }, kept);
    this.timers.push(setInterval(() => this.tick(), 250), setInterval(() => void this.sweep(), SWEEP_MS));
    void this.sweep();
  }

  stop(): void {
    this.link?.stop();
    this.leaving.abort();
    clearTimeout(this.soon);
    clearTimeout(this.showing);
    this.timers.forEach(clearInterval);
  }

  retry(): void {
    this.link?.retry();
  }

  read(failure: Failure): void {
    this.failures = this.failures.filter((one) => one !== failure);
  }

  /**
   * Sends a press; it stays in `queue`, and on the disk, until its result came. A second press of the same while it waits is
   * the first, but for a checklist, which says each time how it stands.
   */
  act(order: string, action: Action, more: Pick<Act, "note" | "value"> = {}): void {
    if (action !== "checklist" && this.queue.some((act) => act.order === order && act.action === action)) return;
    this.failure = null;
    this.link?.act({ ref: newRef(), order, action, ...more, pressed_at: new Date(this.now).toISOString() });
  }

  pending(order: string): Act | undefined {
    return this.queue.find((act) => act.order === order);
  }

  /** A person of the station says that somebody is there; goes out again and again until it is known. Raises Problem. */
  async answer(check: string, person: string | null): Promise<void> {
    const body = { ref: newRef(), person };
    const path = `/api/duty-checks/${encodeURIComponent(check)}/answer`;
    this.checks = putCheck(this.checks, await deliver(() => this.api.post<Check>(path, body), this.leaving.signal));
  }

  /** `people` have taken the station over. Raises Problem. */
  handOver(station: string, people: string[], handedBy: string | null, items: string[], note: string): Promise<Watch> {
    const body = { ref: newRef(), people, handed_by: handedBy, items, note: note || null };
    const path = `/api/stations/${encodeURIComponent(station)}/handover`;
    return deliver(() => this.api.post<Watch>(path, body), this.leaving.signal);
  }

  putIncident(incident: Incident): void {
    enterIncident(this.incidentBook, incident);
    this.show();
  }

  /** The page has what the books have, at once or, in a storm, a little later. */
  private showSoon(): void {
    if (this.showing !== undefined) return;
    const wait = this.shownAt + SHOW_MS - performance.now();
    if (wait <= 0) this.show();
    else this.showing = setTimeout(() => this.show(), wait);
  }

  protected show(): void {
    clearTimeout(this.showing);
    this.showing = undefined;
    this.shownAt = performance.now();
    forget(this.orderBook, KEPT);
    forgetIncidents(this.incidentBook, KEPT);
    this.orders = new Map(this.orderBook);
    this.incidents = new Map(this.incidentBook);
  }

  protected sweepSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.sweep(), SOON_MS);
  }

  /** Reads the lists again: frames are the hint, the server's lists the truth. One reading at a time. */
  sweep(): Promise<void> {
    this.sweeping ??= this.sweepOnce().finally(() => this.wasSwept());
    return this.sweeping;
  }

  private async sweepOnce(): Promise<void> {
    try {
      if (this.lists.incidents) await this.sweepIncidents();
      if (this.lists.orders) await this.sweepOrders();
      this.swept = true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.refused = error.title;
    }
  }

  /** The frames that are held back in a flood are not waited for: the newest incidents are read until none lacks. */
  private catchUp(): void {
    const lacking = () => lacks(this.flood, this.incidentBook.values());
    if (this.sweeping !== null || performance.now() - this.sweptAt < FLOOD_MS || !lacking()) return;
    const read = async (): Promise<void> => {
      for (let cursor: string | null = ""; cursor !== null && lacking(); ) {
        const page: { items: Incident[]; next: string | null } = await this.api.get(`/api/incidents?state=open${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        page.items.forEach((incident) => enterIncident(this.incidentBook, incident));
        this.showSoon();
        cursor = page.next;
      }
    };
    // what was not read now is looked for at the next of the flood's numbers
    this.sweeping = read().catch(() => undefined).finally(() => this.wasSwept());
  }

  private wasSwept(): void {
    this.sweeping = null;
    this.sweptAt = performance.now();
  }

  private async sweepIncidents(): Promise<void> {
    const known = [...this.incidentBook.values()].filter((incident) => incident.state === "open");
    const items = await this.api.all<Incident>("/api/incidents?state=open");
    items.forEach((incident) => enterIncident(this.incidentBook, incident));
    this.show();
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
    this.enter(items);
  }

  /** The page has these orders, unless it knows a newer tale of them. */
  protected enter(orders: readonly Order[]): void {
    for (const order of orders) enter(this.orderBook, order);
    this.show();
  }

  /** The page has no open orders of this kind any more; those that have ended stay. */
  protected drop(which: (order: Order) => boolean): void {
    for (const order of [...this.orderBook.values()]) {
      if (!isEnded(order) && which(order)) this.orderBook.delete(order.id);
    }
    this.show();
  }

  /** The line is up: a welcome's orders that are addressed to others, null where none are shown; most pages show none. */
  protected onShown(_orders: Order[] | null): void {}

  private take(news: News): void {
    switch (news.type) {
      case "state":
        this.onState(news.open, news.resumed);
        return;
      case "order":
        enter(this.orderBook, news.order);
        this.showSoon();
        // incidents are pushed to command alone: for others a change to their order is the hint to look
        if (this.lists.incidents && this.me.role !== "command") this.sweepSoon();
        return;
      case "shown":
        this.onShown(news.orders);
        return;
      case "incident":
        enterIncident(this.incidentBook, news.incident);
        this.showSoon();
        return;
      case "checks":
        this.checks = putOpen(this.checks, news.checks);
        return;
      case "check":
        if (`station:${news.check.station}` === this.me.recipient) this.checks = putCheck(this.checks, news.check);
        return;
      case "flood":
        this.flood = news.flood;
        if (this.lists.incidents) this.catchUp();
        return;
      case "server_time":
        this.offset = Date.parse(news.time) - Date.now();
        this.tick();
        return;
      case "result":
        if (news.refusal) this.notTaken({ order: news.act.order, action: news.act.action, said: news.refusal });
        return;
      case "refused":
        this.refused = news.error;
    }
  }

  private onState(open: Order[], resumed: boolean): void {
    if (resumed) return;
    // `open` is the state: what we held open and it does not name has ended; the sweep reads how
    this.drop((order) => order.recipient === this.me.recipient);
    this.enter(open);
    void this.sweep();
  }

  private notTaken(failure: Failure): void {
    this.failure = failure;
    this.failures = [...this.failures, failure].slice(-MOST_FAILURES);
  }

  private note(session: Session): void {
    if (session.phase === "live" && this.phase !== "live" && this.wasLive) this.back += 1;
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
