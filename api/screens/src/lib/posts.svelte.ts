/** Sends what `posting.ts` decides, and keeps it in IndexedDB until the server has answered: a closed tab loses nothing. */
import { Problem, type Api } from "./api";
import * as posting from "./posting";
import type { Post } from "./posting";
import { PostStore } from "./poststore";
import type { Said } from "./refusal";

const WORDS_WITHIN_MS = 20_000;
const PICTURE_WITHIN_MS = 120_000;

export interface Refusal {
  ref: string;
  title: string;
  said: Said;
  about: string;
}

export class Posts {
  waiting = $state.raw<readonly Post[]>([]);
  /** What the server would not take, and why, until a person has read it. */
  refusals = $state.raw<readonly Refusal[]>([]);
  /** The `ref` under way. */
  sending = $state<string | null>(null);
  private readonly store: PostStore;
  private failed = 0;
  private since: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gone = false;
  private readonly hurry = () => {
    this.failed = 0;
    void this.run();
  };

  /** `acts`: when the presses were made that wait on the socket. `done` is told of each answer. */
  constructor(
    private readonly api: Api,
    owner: string,
    private readonly acts: () => number[],
    private readonly done: (post: Post, answer: unknown) => void,
  ) {
    this.store = new PostStore(owner);
  }

  start(): void {
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    void this.store.all().then((kept) => {
      const known = new Set(this.waiting.map(({ ref }) => ref));
      this.waiting = [...kept.filter(({ ref }) => !known.has(ref)), ...this.waiting];
      void this.run();
    });
  }

  stop(): void {
    this.gone = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
  }

  /** It will go out, once; resolves when it is on the phone's disk. */
  async add(post: Post): Promise<void> {
    this.waiting = [...this.waiting, post];
    await this.store.put(post);
    this.hurry();
  }

  about(id: string): readonly Post[] {
    return this.waiting.filter((post) => post.about === id);
  }

  read(refusal: Refusal): void {
    this.refusals = this.refusals.filter((one) => one !== refusal);
  }

  /** The line is back. */
  retry(): void {
    this.hurry();
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending !== null || this.gone || this.waiting.length === 0) return;
    this.since ??= performance.now();
    const post = posting.next(this.waiting, this.acts(), performance.now() - this.since);
    if (post === null) return this.again(1_000);
    this.sending = post.ref;
    const after = await this.attempt(post);
    this.sending = null;
    if (after > 0) return this.again(after);
    this.since = null;
    void this.run();
  }

  private again(ms: number): void {
    if (!this.gone) this.timer = setTimeout(() => void this.run(), ms);
  }

  /** Milliseconds to wait before the next; 0 when this one is done with. */
  private async attempt(post: Post): Promise<number> {
    try {
      const answer = await this.send(post);
      this.failed = 0;
      await this.settle(post, answer);
      return 0;
    } catch (error) {
      if (error instanceof Problem && !posting.isLater(error.status) && error.status !== 401) {
        await this.refuse(post, error.said);
        return 0;
      }
      this.failed += 1;
      return posting.pause(this.failed);
    }
  }

  private send(post: Post): Promise<unknown> {
    const within = new AbortController();
    const timer = setTimeout(() => within.abort(), post.picture === null ? WORDS_WITHIN_MS : PICTURE_WITHIN_MS);
    const sent =
      post.picture === null
        ? this.api.post<unknown>(post.path, post.body, within.signal)
        : this.api.send<unknown>(`${post.path}?${query(post)}`, post.picture, within.signal);
    return sent.finally(() => clearTimeout(timer));
  }

  private async settle(post: Post, answer: unknown): Promise<void> {
    const id = (answer as { id?: unknown } | null)?.id;
    const before = this.waiting;
    this.waiting = posting.answered(before, post, typeof id === "string" ? id : null);
    await this.store.remove(post.ref);
    for (const one of this.waiting) if (!before.includes(one)) await this.store.put(one);
    this.done(post, answer);
  }

  private async refuse(post: Post, said: Said): Promise<void> {
    const lost = [post, ...posting.orphans(this.waiting, post)];
    this.waiting = this.waiting.filter((one) => !lost.includes(one));
    this.refusals = [...this.refusals, ...lost.map(({ ref, title, about }) => ({ ref, title, about, said }))];
    for (const { ref } of lost) await this.store.remove(ref);
  }
}

function query(post: Post): string {
  const said = post.body as { note?: string } | null;
  const values = new URLSearchParams({ ref: post.ref, taken_at: String(Math.round(post.at)) });
  if (said?.note) values.set("note", said.note);
  return values.toString();
}
