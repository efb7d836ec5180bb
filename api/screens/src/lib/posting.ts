/**
 * What goes out by HTTP from a phone on a bad line: decided here, carried out by `posts.svelte.ts`. Words go in the order
 * they were said and wait for presses made before them; pictures wait for all words, since they are large.
 */

/** Something to be sent, under a `ref` by which the server counts it once. */
export interface Post {
  ref: string;
  what: "member" | "incident" | "verdict" | "photo";
  /** Milliseconds of epoch, by the server's clock, at which it was pressed. */
  at: number;
  /** The order or incident it is about; of a photo whose incident is not opened yet, that post's `ref`. */
  about: string;
  path: string;
  body: unknown;
  picture: Blob | null;
  /** The `ref` of the post that has to be answered first, since its answer names the incident. */
  needs: string | null;
  /** What a person reads in the list of what waits. */
  title: string;
}

/** How long words wait for presses before them; a socket that never opens must not hold them up for ever. */
export const WAIT_FOR_ACTS_MS = 10_000;
const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 20_000];

/** The post to send now, if any. `acts`: when the presses were made that wait too. */
export function next(posts: readonly Post[], acts: readonly number[], waitedMs: number): Post | null {
  const ordered = [...posts].sort((a, b) => a.at - b.at);
  const words = ordered.find(({ picture }) => picture === null);
  const first = words ?? ordered.find(({ needs }) => needs === null);
  if (first === undefined) return null;
  return acts.some((at) => at <= first.at) && waitedMs < WAIT_FOR_ACTS_MS ? null : first;
}

/** The posts once `done` was answered with `id`: a picture of the incident it opened knows where to go. */
export function answered(posts: readonly Post[], done: Post, id: string | null): Post[] {
  return posts
    .filter(({ ref }) => ref !== done.ref)
    .map((post) =>
      post.needs === done.ref && id !== null ? { ...post, needs: null, about: id, path: photoPath("incidents", id) } : post,
    );
}

/** Those that cannot be sent any more because `refused` was: pictures of an incident that was never opened. */
export function orphans(posts: readonly Post[], refused: Post): Post[] {
  return posts.filter(({ needs }) => needs === refused.ref);
}

/** Milliseconds until the next attempt after so many failed ones. */
export function pause(failed: number): number {
  return PAUSES_MS[Math.min(failed, PAUSES_MS.length) - 1] ?? 0;
}

/** Whether an answer with this status says "not now" (try again) and not "no". */
export function isLater(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

export function photoPath(noun: "orders" | "incidents", id: string): string {
  return `/api/${noun}/${encodeURIComponent(id)}/photos`;
}
