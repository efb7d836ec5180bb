import { expect, test } from "vitest";
import { announcement } from "../src/lib/speech";
import { after, order, T0 } from "./orders";

const place = { code: "P-1", name: "柳巷 3 号楼", address: "柳巷 3 号", floor: 3, room: "301", lon: 120, lat: 30 };
const now = T0 + 10_000;

test("in Chinese: what, which place, floor and room digit by digit, without blanks", () => {
  expect(announcement("zh", order({ place }), now)).toBe("火警。柳巷3号楼，3层三零一。");
});

test("in English the same", () => {
  expect(announcement("en", order({ place: { ...place, name: "Willow Lane 3" } }), now)).toBe("Fire. Willow Lane 3, Floor 3, 301.");
});

test("an exercise is said first, electrical danger is not fire, and a point has its word", () => {
  const point = { ...place, name: null, address: null, floor: null, room: null };
  expect(announcement("zh", order({ place, drill: true }), now)).toMatch(/^演练。火警。/);
  expect(announcement("zh", order({ place: point, priority: 2 }), now)).toBe("电气火灾危险。地图标注点。");
});

test("where nobody has turned out, that is said", () => {
  const answered = after(order({ place }), "acknowledged", 10);
  expect(announcement("zh", answered, T0 + 90_000)).toBe("无人出动。火警。柳巷3号楼，3层三零一。");
});
