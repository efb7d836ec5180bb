/**
 * What a phone's page knows and sends: beside presses also photos, answers, incidents and verdicts, by HTTP when the line
 * allows; and the orders of the stations where one serves.
 */
import type { Incident, Me, Order } from "./contract";
import { Duty } from "./duty.svelte";
import { recall, remember } from "./lastknown";
import { photoPath, type Post } from "./posting";
import { Posts } from "./posts.svelte";
import { newRef } from "./ref";
import { t } from "./words.svelte";

/** What came of an incident that was raised here. */
export interface Raised {
  id: string | null;
  error: string | null;
}

export interface Picture {
  picture: Blob;
  note: string;
}

/** How long a page that has just been opened is only "connecting". */
const PATIENCE_MS = 5_000;

export class PhoneDuty extends Duty {
  readonly posts: Posts;
  /** Of incidents raised here, what came of each, by `ref`. */
  raised = $state.raw<ReadonlyMap<string, Raised>>(new Map());

  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(token: string, me: Me, lists: { incidents: boolean; orders: boolean }) {
    super(token, me, lists);
    this.posts = new Posts(this.api, this.owner, () => this.pressedAt(), (post, answer) => this.settled(post, answer));
  }

  override start(): void {
    this.enter(recall(this.owner));
    super.start();
    this.posts.start();
    // a page opened without a line has had none to lose: it says all the same that there is none
    this.patience = setTimeout(() => (this.wasLive = true), PATIENCE_MS);
  }

  override stop(): void {
    super.stop();
    clearTimeout(this.patience);
    this.posts.stop();
  }

  override retry(): void {
    super.retry();
    this.posts.retry();
  }

  override async sweep(): Promise<void> {
    await super.sweep();
    if (this.me.order) return; // a link's list is its one order, whosever it is
    for (const { code } of this.me.stations ?? []) {
      const path = `/api/orders?recipient=${encodeURIComponent(`station:${code}`)}&limit=50`;
      await this.api.get<{ items: Order[] }>(path).then(
        ({ items }) => this.enter(items),
        () => undefined, // the next sweep, or the next frame
      );
    }
  }

  /** One of a station's crew says whether they go. */
  postMember(order: Order, answer: "going" | "cannot" | "there", title: string): Promise<void> {
    const ref = newRef();
    const body = { ref, answer, pressed_at: new Date(this.now).toISOString() };
    const path = `/api/orders/${encodeURIComponent(order.id)}/members`;
    const where = order.place.name ?? order.id;
    return this.posts.add(this.post({ ref, what: "member", about: order.id, path, body, title: `${title} · ${where}` }));
  }

  postPhoto(noun: "orders" | "incidents", id: string, { picture, note }: Picture): Promise<void> {
    const title = t("photo.title");
    return this.posts.add(this.post({ ref: newRef(), what: "photo", about: id, path: photoPath(noun, id), picture, body: { note }, title }));
  }

  postVerdict(incident: string, given: object, where: string): Promise<void> {
    const ref = newRef();
    const path = `/api/incidents/${encodeURIComponent(incident)}/verdict`;
    const title = `${t("command.verdict")} · ${where}`;
    return this.posts.add(this.post({ ref, what: "verdict", about: incident, path, body: { ...given, ref }, title }));
  }

  /** Raises an incident, with photos; `raised` tells under the `ref` that is given back what came of it. */
  postIncident(body: object, photos: readonly Picture[], where: string): string {
    const ref = newRef();
    const title = `${t("leader.raise")} · ${where}`;
    void this.posts.add(this.post({ ref, what: "incident", about: ref, path: "/api/incidents", body: { ...body, ref }, title }));
    for (const { picture, note } of photos) {
      const about = { what: "photo", about: ref, path: "", picture, needs: ref, body: { note } } as const;
      void this.posts.add(this.post({ ref: newRef(), title: t("photo.title"), ...about }));
    }
    return ref;
  }

  protected override show(): void {
    super.show();
    remember(this.owner, this.orders.values());
  }

  /** A welcome always says which of others' orders are open, whether it resumed or not. */
  protected override onShown(orders: Order[] | null): void {
    this.posts.retry();
    if (orders === null) return;
    this.drop((order) => order.recipient !== this.me.recipient || Boolean(this.me.order));
    this.enter(orders);
  }

  private post(post: Omit<Post, "at" | "picture" | "needs"> & Partial<Pick<Post, "picture" | "needs">>): Post {
    return { at: this.now, picture: null, needs: null, ...post };
  }

  private pressedAt(): number[] {
    return this.queue.map(({ pressed_at }) => (pressed_at ? Date.parse(pressed_at) : 0));
  }

  private settled(post: Post, answer: unknown): void {
    if (post.what === "member") return this.enter([answer as Order]);
    if (post.what === "photo") return this.sweepSoon();
    const incident = answer as Incident;
    if (post.what === "incident") this.raised = new Map(this.raised).set(post.ref, { id: incident.id, error: null });
    this.putIncident(incident);
  }
}
