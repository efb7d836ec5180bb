import { describe, expect, test } from "vitest";
import { counts, search, troubles } from "../src/leader/troubles";
import { count, mine } from "../src/lib/members";
import { put } from "../src/lib/orders";
import { fitted, LONGEST_PX } from "../src/lib/picture";
import { isAsGood } from "../src/lib/token";
import { cacheName, outdated, wayOf } from "../src/phone/shell";
import { at, order } from "./orders";

const member = (person: string, answer: "going" | "cannot" | "there", seconds = 0) => ({ person, name: person, answer, at: at(seconds) });

describe("who goes", () => {
  test("is counted by what each said last", () => {
    const said = [member("A", "going"), member("B", "there"), member("C", "cannot"), member("D", "going")];
    expect(count({ members: said })).toEqual({ going: 2, there: 1, cannot: 1 });
  });

  test("what waits on this phone comes before what the server knows", () => {
    const one = { id: "O-1", members: [member("A", "going")] };
    const waiting = { ref: "r", what: "member", at: 1, about: "O-1", path: "", body: { answer: "there" }, picture: null, needs: null, title: "" } as const;
    expect(mine(one, "A", [])).toBe("going");
    expect(mine(one, "A", [waiting])).toBe("there");
    expect(mine(one, "B", [])).toBeNull();
  });

  test("an older tale of the same length does not undo what somebody said since", () => {
    const fresh = order({ members: [member("A", "there", 9)] });
    const stale = order({ members: [member("A", "going", 3)] });
    expect(put(put(new Map(), fresh), stale).get(fresh.id)).toBe(fresh);
    expect(put(put(new Map(), stale), fresh).get(fresh.id)).toBe(fresh);
  });
});

describe("troubles of a grid", () => {
  const alarm = (id: string, kind: string, seconds: number) => ({ id, kind, device: `D-${id}`, place: "P", since: at(seconds), value: null, acknowledged_by: null, state: "active" as const });
  const device = (code: string, state: "normal" | "unknown") => ({ code, kind: "smoke" as const, place: "P", floor: 1, room: null, state, last_seen: null });

  test("are those of devices, what is off first, each kind by how long it lasts; a fire is none of them", () => {
    const lines = troubles([alarm("1", "low_battery", 0), alarm("2", "offline", 9), alarm("3", "offline", 3), alarm("4", "fire", 0)], [device("X", "unknown"), device("Y", "normal")]);
    expect(lines.map(({ id, trouble }) => [id, trouble])).toEqual([["3", "offline"], ["2", "offline"], ["1", "low_battery"], ["X", "unknown"]]);
    expect(counts(lines).get("offline")).toBe(2);
  });

  test("places are found by every word of name, address or code", () => {
    const places = [{ code: "P-1", name: "Mill Court", address: "1 High Road" }, { code: "P-2", name: "Mill House", address: "9 Low Road" }];
    expect(search(places, "mill high").map(({ code }) => code)).toEqual(["P-1"]);
    expect(search(places, " ").length).toBe(2);
    expect(search(places, "p-2").map(({ code }) => code)).toEqual(["P-2"]);
  });
});

describe("pictures", () => {
  test("fit the longest side and never grow", () => {
    expect(fitted(4_000, 3_000, LONGEST_PX)).toEqual({ width: 1_600, height: 1_200 });
    expect(fitted(300, 4_800, LONGEST_PX)).toEqual({ width: 100, height: 1_600 });
    expect(fitted(640, 480, LONGEST_PX)).toEqual({ width: 640, height: 480 });
    expect(fitted(1, 100_000, LONGEST_PX)).toEqual({ width: 1, height: 1_600 });
  });
});

describe("a link out of a message", () => {
  const token = (claims: object) => `fg1.${btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_")}.signature`;
  const link = token({ for: "A", exp: 2_000, order: "O-1" });

  test("does not take the place of the same person's own token while that counts", () => {
    expect(isAsGood(token({ for: "A", exp: 1_500 }), link, 1_000_000)).toBe(true);
    expect(isAsGood(token({ for: "A", exp: 900 }), link, 1_000_000)).toBe(false);
    expect(isAsGood(token({ for: "B", exp: 1_500 }), link, 1_000_000)).toBe(false);
    expect(isAsGood(link, link, 1_000_000)).toBe(false);
    expect(isAsGood("nonsense", link, 1_000_000)).toBe(false);
  });
});

describe("the worker", () => {
  const asked = (path: string, more: object = {}) => ({ method: "GET", url: new URL(path, "https://a.example"), origin: "https://a.example", navigates: false, ...more });

  test("keeps its own page and what pages are made of, and nothing else", () => {
    expect(wayOf(asked("/leader?lang=en", { navigates: true }), "/leader")).toBe("page");
    expect(wayOf(asked("/assets/leader-abc.js"), "/leader")).toBe("asset");
    for (const path of ["/api/me", "/api/photos/PH-1", "/ws", "/leader.webmanifest", "/station"]) {
      expect(wayOf(asked(path), "/leader")).toBe("server");
    }
    expect(wayOf(asked("/station", { navigates: true }), "/leader")).toBe("server");
    expect(wayOf(asked("/leader", { method: "POST", navigates: true }), "/leader")).toBe("server");
    expect(wayOf(asked("https://b.example/assets/x.js"), "/leader")).toBe("server");
  });

  test("lets go all versions of its page but its own and the one before, and none of another page", () => {
    const names = ["one", "two", "three"].map((version) => cacheName("/leader", version));
    const others = [cacheName("/member", "one"), "something-else"];
    expect(outdated([...names, ...others], "/leader", "three")).toEqual([names[0]]);
    expect(outdated(names.slice(0, 2), "/leader", "two")).toEqual([]);
  });
});
