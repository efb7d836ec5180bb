import { describe, expect, test } from "vitest";
import { along, coming, lineOf, worthWays, type Crew } from "../src/lib/coming";
import type { Incident, Order, Station } from "../src/lib/contract";

const T0 = Date.parse("2026-01-01T00:00:00.000Z");
const at = (seconds: number) => new Date(T0 + seconds * 1_000).toISOString();
const home = { code: "ST", lon: 0, lat: 0 } as Station;
const order = (state: Order["state"], events: [string, number][], more: Partial<Order> = {}): Order =>
  ({
    id: "O-1", recipient: "station:ST", kind: "respond", state, place: { lon: 1, lat: 1 }, eta_s: 180, eta_at: null,
    drafted_at: at(0), history: events.map(([event, seconds]) => ({ event, at: at(seconds), by: null })), ...more,
  }) as unknown as Order; // prettier-ignore
const crew = (one: Order, now: number) =>
  coming([{ id: "I-1", orders: [one] } as unknown as Incident], (code) => (code === "ST" ? home : undefined), T0 + now * 1_000)[0];

test("a crew that has not left is at its station", () => {
  expect(crew(order("delivered", []), 30)).toMatchObject({ state: "called", progress: 0, left: 150_000 });
  expect(crew(order("acknowledged", [["acknowledged", 5]]), 30)).toMatchObject({ state: "answered", progress: 0 });
});

test("one that has left is as far as its time", () => {
  const out = order("turned_out", [["turned_out", 60]], { eta_at: at(180) });
  expect(crew(out, 60)?.progress).toBe(0);
  expect(crew(out, 120)?.progress).toBe(0.5);
});

test("one that is late is not taken to be there until it says so", () => {
  const out = order("turned_out", [["turned_out", 60]], { eta_at: at(180) });
  expect(crew(out, 900)?.progress).toBeLessThan(1);
  expect(crew(out, 900)?.left).toBeLessThan(0);
  expect(crew(order("arrived", [["arrived", 200]]), 900)).toMatchObject({ state: "there", progress: 1, left: null });
});

test("orders that have ended, persons and strangers are no crews on their way", () => {
  expect(crew(order("cancelled", []), 10)).toBeUndefined();
  expect(crew(order("sent", [], { recipient: "person:P" }), 10)).toBeUndefined();
  expect(crew(order("sent", [], { recipient: "station:GONE" }), 10)).toBeUndefined();
});

describe("the way", () => {
  test("half of a straight one is in the middle", () => {
    expect(along([[0, 0], [10, 0]], 0.5)).toEqual([5, 0]);
    expect(along([[0, 0], [10, 0]], 1)).toEqual([10, 0]);
    expect(along([[3, 4], [3, 4]], 0.5)).toEqual([3, 4]);
  });

  test("is followed round its corners by its length, not by its points", () => {
    const line: [number, number][] = [[0, 0], [0, 3], [1, 3]];
    expect(along(line, 0.5)).toEqual([0, 2]);
    expect(along(line, 0)).toEqual([0, 0]);
    expect(along(line, 0.875)[0]).toBeCloseTo(0.5);
    expect(along(line, 2)).toEqual([1, 3]);
  });

  test("is straight as long as the streets are not known", () => {
    const crew = { from: [0, 0], to: [1, 1] } as Crew;
    expect(lineOf(crew, null)).toEqual([[0, 0], [1, 1]]);
    expect(lineOf(crew, { line: [[0, 0]] })).toEqual([[0, 0], [1, 1]]);
    expect(lineOf(crew, { line: [[0, 0], [0, 1], [1, 1]] })).toHaveLength(3);
  });

  test("is asked for of the chosen incident first, then of who has left, never of who is there", () => {
    const crews = [["a", "I", "called"], ["b", "I", "out"], ["c", "J", "called"], ["d", "I", "there"]].map(
      ([order, incident, state]) => ({ order, incident, state }) as Crew,
    );
    expect(worthWays(crews, "J", 9)).toEqual(["c", "b", "a"]);
    expect(worthWays(crews, null, 2)).toEqual(["b", "a"]);
  });
});
