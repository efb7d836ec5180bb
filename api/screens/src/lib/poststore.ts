/** Posts on the phone's disk, by owner. Where IndexedDB is forbidden they live as long as the page does. */
import type { Post } from "./posting";

const NAME = "firegrid";
const STORE = "posts";
/** As long as the server knows a `ref`; what is older is let go. */
const KEPT_MS = 20 * 3_600_000;

type Kept = Post & { owner: string };

export class PostStore {
  private base: Promise<IDBDatabase | null> | null = null;

  constructor(private readonly owner: string) {}

  async all(): Promise<Post[]> {
    const kept = ((await this.ask("readonly", (store) => store.getAll())) ?? []) as Kept[];
    const mine = kept.filter((post) => post.owner === this.owner);
    const old = mine.filter((post) => Date.now() - post.at > KEPT_MS);
    for (const { ref } of old) await this.remove(ref);
    return mine.filter((post) => !old.includes(post)).map(({ owner: _, ...post }) => post);
  }

  async put(post: Post): Promise<void> {
    await this.ask("readwrite", (store) => store.put({ ...post, owner: this.owner }));
  }

  async remove(ref: string): Promise<void> {
    await this.ask("readwrite", (store) => store.delete(ref));
  }

  private async ask<T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    this.base ??= open();
    const base = await this.base;
    if (base === null) return null;
    return new Promise((resolve) => {
      try {
        const transaction = base.transaction(STORE, mode, { durability: "strict" });
        const request = what(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
}

function open(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "ref" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = asked.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
