import { beforeEach, describe, expect, test } from "vitest";
import type { Act } from "../src/lib/contract";
import { keeping, KEPT_MS } from "../src/lib/keeping";
import { begin, step } from "../src/lib/session";
import { at } from "./orders";

/** A browser's store, as far as it is used. */
class Store {
  private readonly items = new Map<string, string>();
  full = false;

  get length(): number {
    return this.items.size;
  }

  key(i: number): string | null {
    return [...this.items.keys()][i] ?? null;
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const act = (ref: string, seconds: number, more: Partial<Act> = {}): Act => ({
  ref,
  order: "O-000001",
  action: "acknowledge",
  pressed_at: at(seconds),
  ...more,
});
const NOW = Date.parse(at(60));
let store: Store;
const kept = (owner = "person:A", now = NOW) => keeping(owner, store, () => now);

beforeEach(() => {
  store = new Store();
});

describe("presses that wait", () => {
  test("are there again after the page was closed, oldest first", () => {
    kept().save([act("r-2", 20), act("r-1", 10)]);
    expect(kept().load().map(({ ref }) => ref)).toEqual(["r-1", "r-2"]);
  });

  test("are gone once they are answered", () => {
    const page = kept();
    page.save([act("r-1", 10), act("r-2", 20)]);
    page.save([act("r-2", 20)]);
    expect(kept().load().map(({ ref }) => ref)).toEqual(["r-2"]);
  });

  test("of two tabs do not write over each other", () => {
    const [one, two] = [kept(), kept()];
    one.save([act("r-1", 10)]);
    two.save([act("r-2", 20)]);
    one.save([]);
    expect(kept().load().map(({ ref }) => ref)).toEqual(["r-2"]);
  });

  test("of somebody else, or of a link, are not one's own to send", () => {
    kept("person:A").save([act("r-1", 10)]);
    expect(kept("person:B").load()).toEqual([]);
    expect(kept("person:A/O-000001").load()).toEqual([]);
  });

  test("are let go when the server would not know them again, and when they are no acts", () => {
    kept().save([act("r-1", 10)]);
    store.setItem("firegrid.act.person:A/r-x", '{"ref":"r-x"}');
    store.setItem("firegrid.act.person:A/r-y", "not JSON");
    expect(kept("person:A", Date.parse(at(10)) + KEPT_MS + 1).load()).toEqual([]);
    expect(store.length).toBe(0);
  });

  test("wait in memory where the store is full or forbidden", () => {
    store.full = true;
    expect(() => kept().save([act("r-1", 10)])).not.toThrow();
    expect(keeping("person:A", null, () => NOW).load()).toEqual([]);
  });

  test("are sent by the next page once it is welcome, under the same ref and in order", () => {
    kept().save([act("r-1", 10), act("r-2", 20, { action: "arrive" })]);
    let [session] = begin("token", 0, kept().load());
    [session] = step(session, { type: "opened" });
    const welcome = { type: "welcome", recipient: "person:A", stream: "s", seq: 0, server_time: at(60), resumed: false, open: [] } as const;
    const [after, effects] = step(session, { type: "frame", frame: { ...welcome, open: [] }, at: 1 });
    const sent = effects.flatMap((effect) => (effect.type === "send" && effect.frame.type === "act" ? [effect.frame] : []));
    expect(sent.map(({ ref, pressed_at }) => [ref, pressed_at])).toEqual([["r-1", at(10)], ["r-2", at(20)]]);
    const [, told] = step(after, { type: "frame", frame: { type: "result", ref: "r-1", ok: false, error: "too late" }, at: 2 });
    expect(told).toContainEqual(expect.objectContaining({ type: "result", ok: false, refusal: expect.objectContaining({ error: "too late" }) }));
  });
});
