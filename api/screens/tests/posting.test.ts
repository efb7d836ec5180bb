import { describe, expect, test } from "vitest";
import { answered, isLater, next, orphans, pause, photoPath, WAIT_FOR_ACTS_MS, type Post } from "../src/lib/posting";

const post = (ref: string, at: number, more: Partial<Post> = {}): Post => ({
  ref,
  what: "member",
  at,
  about: "O-1",
  path: "/api/orders/O-1/members",
  body: {},
  picture: null,
  needs: null,
  title: ref,
  ...more,
});
const photo = (ref: string, at: number, more: Partial<Post> = {}) => post(ref, at, { what: "photo", picture: new Blob(["x"]), ...more });

describe("what goes out next", () => {
  test("is the oldest word, and a picture only when there are no words left", () => {
    const waiting = [photo("p", 1), post("b", 3), post("a", 2)];
    expect(next(waiting, [], 0)?.ref).toBe("a");
    expect(next([photo("p", 1)], [], 0)?.ref).toBe("p");
    expect(next([], [], 0)).toBeNull();
  });

  test("waits for presses made before it, but not for ever and not for later ones", () => {
    expect(next([post("a", 5)], [4], 0)).toBeNull();
    expect(next([post("a", 5)], [6], 0)?.ref).toBe("a");
    expect(next([post("a", 5)], [4], WAIT_FOR_ACTS_MS)?.ref).toBe("a");
  });

  test("is no picture of an incident that is not opened yet", () => {
    expect(next([photo("p", 1, { needs: "n" })], [], 0)).toBeNull();
  });
});

describe("an incident raised without a line", () => {
  const raised = post("n", 1, { what: "incident", about: "n" });
  const its = photo("p", 2, { needs: "n", about: "n", path: "" });

  test("tells its pictures where to go once it is opened", () => {
    const left = answered([raised, its, post("x", 3)], raised, "I-000007");
    expect(left.map(({ ref }) => ref)).toEqual(["p", "x"]);
    expect(left[0]).toMatchObject({ needs: null, about: "I-000007", path: photoPath("incidents", "I-000007") });
  });

  test("takes its pictures along when it is refused", () => {
    expect(orphans([raised, its, photo("q", 3)], raised)).toEqual([its]);
  });
});

describe("answers", () => {
  test.each([408, 429, 500, 502, 503])("%i says not now", (status) => expect(isLater(status)).toBe(true));
  test.each([400, 403, 404, 409, 413, 415, 422])("%i says no", (status) => expect(isLater(status)).toBe(false));

  test("pauses grow up to twenty seconds", () => {
    expect([1, 2, 3, 4, 5, 50].map(pause)).toEqual([1_000, 2_000, 5_000, 10_000, 20_000, 20_000]);
    expect(pause(0)).toBe(0);
  });
});
