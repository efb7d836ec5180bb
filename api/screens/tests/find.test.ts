import { expect, test } from "vitest";
import { found } from "../src/lib/find";

const place = (code: string, name: string, address: string) => ({ code, name, address, category: "", lon: 0, lat: 0 });
const PLACES = [place("P-3", "河西小学", "正街 60 号"), place("P-2", "柳巷杂货店", "柳巷 9 号"), place("P-1", "河西商场杂货部", "正街 88 号"), place("P-9", "杂货批发", "码头 1 号")];

test("what begins with the words stands before what contains them", () => {
  expect(found(PLACES, "杂货").map(({ code }) => code)).toEqual(["P-9", "P-2", "P-1"]);
});

test("an address finds, several words narrow, a code finds at once", () => {
  expect(found(PLACES, "正街").map(({ code }) => code)).toEqual(["P-3", "P-1"]);
  expect(found(PLACES, "正街 杂货").map(({ code }) => code)).toEqual(["P-1"]);
  expect(found(PLACES, "p-2")[0]?.code).toBe("P-2");
});

test("nothing typed finds nothing", () => {
  expect(found(PLACES, "  ")).toEqual([]);
});
