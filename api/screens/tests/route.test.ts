import { expect, test } from "vitest";
import { fragment, parse, roomOfKey, ROOMS } from "../src/lib/route";

test("what names no room is the situation", () => {
  for (const text of ["", "#", "#nowhere", "#nowhere/I-1"]) expect(parse(text)).toEqual({ room: "situation", subject: null });
});

test("a room is found again by its address, with what it shows", () => {
  for (const room of ROOMS) {
    expect(parse(fragment({ room, subject: null }))).toEqual({ room, subject: null });
    expect(parse(fragment({ room, subject: "I-000012" }))).toEqual({ room, subject: "I-000012" });
    expect(parse(fragment({ room, subject: "a/b=c & 甲" }))).toEqual({ room, subject: "a/b=c & 甲" });
  }
});

test("what a token left behind in the address is still the room", () => {
  const left = new URLSearchParams("situation/I-1&token=x");
  left.delete("token");
  expect(parse(`#${left.toString()}`)).toEqual({ room: "situation", subject: "I-1" });
});

test("a broken address is a room without a subject", () => {
  expect(parse("#situation/%E4%")).toEqual({ room: "situation", subject: null });
});

test("digits open rooms, other keys none", () => {
  expect(roomOfKey("1")).toBe("situation");
  expect(roomOfKey(String(ROOMS.length))).toBe(ROOMS.at(-1));
  for (const key of ["0", "9", "a", "12", ""]) expect(roomOfKey(key)).toBeNull();
});
