import { describe, expect, test } from "vitest";
import { atFields, body, draft, DUTIES, FIELDS, geometryIn, NOUNS, sentences } from "../src/lib/admin/fields";
import { figures, size } from "../src/lib/admin/health";
import { levelWords, type Level } from "../src/lib/admin/levels";
import { byFile, removesMuch, sheet } from "../src/lib/admin/pack";
import { link, ROLES, SCOPES, tokenIn } from "../src/lib/admin/roles";
import { sentence } from "../src/lib/admin/sentences";
import { crc32, zip } from "../src/lib/admin/zip";
import { isKey } from "../src/lib/strings";

describe("the registry's forms", () => {
  test("what is wrong with the request itself is a sentence at its field", () => {
    const told = sentences([{ at: "path.code", reason: "String should match pattern '^[A-Z]$'" }, "name is empty"]);
    expect(atFields("gateways", told ?? [])["code"]).toEqual(["code: String should match pattern '^[A-Z]$'"]);
    expect(sentence("zh", told?.[0] ?? "")).toBe("编码：请填写字母、数字、_ . -，至多 64 个，字母或数字开头");
    expect(sentences(undefined)).toBeNull();
  });

  test.each(NOUNS)("%s: every column, option and duty has its words", (noun) => {
    for (const field of FIELDS[noun]) {
      expect(isKey(`column.${field.name}`), field.name).toBe(true);
      for (const option of field.options ?? []) expect(isKey(field.name === "alarm" ? `alarm.${option}` : `option.${option}`), option).toBe(true);
    }
    expect(isKey(`noun.${noun}`)).toBe(true);
  });

  test("every duty has its words", () => {
    expect(Object.keys(DUTIES).filter((duty) => !isKey(`charge.${duty}`))).toEqual([]);
  });

  test("a row becomes a draft of texts and, unchanged, the same body again, empty cells left out", () => {
    const row = { code: "P-1", name: "楼", floors: 6, lon: 120.5, lat: 30, station: null };
    const made = draft("places", row);
    expect([made["floors"], made["station"], made["category"]]).toEqual(["6", "", ""]);
    expect(body("places", made, null)).toEqual({ code: "P-1", name: "楼", floors: "6", lon: "120.5", lat: "30" });
  });

  test("a grid's body carries its polygon", () => {
    expect(body("grids", { code: "G" }, { type: "Polygon" })).toEqual({ code: "G", geometry: { type: "Polygon" } });
  });

  test("the server's sentences stand at their fields, what is about none at the top", () => {
    const told = atFields("places", [
      "name is empty",
      "lon: 'x' is no number",
      "lon and lat: give both or neither",
      "place P-1: no grid 'G-9'",
      "grid: 'a b' is not a code",
    ]);
    expect(told["name"]).toEqual(["name is empty"]);
    expect(told["lon"]).toHaveLength(2);
    expect(told["grid"]).toHaveLength(1);
    expect(told[""]).toEqual(["place P-1: no grid 'G-9'"]);
  });

  test("a polygon is found alone, in a feature, or as a collection's only one", () => {
    const polygon = { type: "Polygon", coordinates: [] };
    expect(geometryIn(JSON.stringify(polygon))).toEqual(polygon);
    expect(geometryIn(JSON.stringify({ type: "Feature", geometry: polygon }))).toEqual(polygon);
    expect(geometryIn(JSON.stringify({ type: "FeatureCollection", features: [{ geometry: polygon }] }))).toEqual(polygon);
    expect(geometryIn(JSON.stringify({ type: "FeatureCollection", features: [{}, {}] }))).toBeNull();
    expect(geometryIn("code,name")).toBeNull();
    expect(geometryIn(JSON.stringify({ type: "Point" }))).toBeNull();
  });
});

describe("a ZIP archive", () => {
  test("the checksum is the one of the standard", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  test("names, contents and table stand where they belong", async () => {
    const data = new TextEncoder().encode("code,name\n");
    const made = new DataView(await zip([{ name: "人员.csv", data }, { name: "b.csv", data: new Uint8Array() }]).arrayBuffer());
    const end = made.byteLength - 22;
    expect(made.getUint32(0, true)).toBe(0x04034b50);
    expect(made.getUint32(end, true)).toBe(0x06054b50);
    expect(made.getUint16(end + 10, true)).toBe(2);
    const table = made.getUint32(end + 16, true);
    expect(made.getUint32(table, true)).toBe(0x02014b50);
    expect(made.getUint32(table + 16, true)).toBe(crc32(data));
    expect(table + made.getUint32(end + 12, true)).toBe(end);
    const second = table + 46 + made.getUint16(table + 28, true);
    expect(made.getUint32(made.getUint32(second + 42, true), true)).toBe(0x04034b50);
  });
});

describe("a pack's report", () => {
  const faults = [
    { file: "a.csv", line: 2, reason: 'no grid "G"' },
    { file: "b.csv", line: 0, reason: "is missing" },
    { file: "a.csv", line: 3, reason: "x" },
  ];

  test("faults are counted by file, the worst first", () => {
    expect(byFile(faults)).toEqual([
      ["a.csv", 2],
      ["b.csv", 1],
    ]);
  });

  test("the sheet quotes what has quotes, and a whole file has no line", () => {
    expect(sheet(faults).split("\r\n").slice(0, 3)).toEqual(["file,line,reason", '"a.csv",2,"no grid ""G"""', '"b.csv",,"is missing"']);
  });

  test("somebody is warned where much goes and little comes", () => {
    const change = (added: number, changed: number, removed: number) => ({ places: { added, changed, removed, codes: {} } });
    expect(removesMuch(change(0, 0, 50))).toBe(true);
    expect(removesMuch(change(60, 0, 50))).toBe(false);
    expect(removesMuch(change(0, 0, 3))).toBe(false);
  });
});

describe("links", () => {
  test.each(ROLES)("%s has words and a page", (role) => {
    expect(isKey(`role.${role}`)).toBe(true);
    expect(link("http://x", role, "fg1.a.b")).toMatch(/^http:\/\/x\/[a-z-]+#token=fg1\.a\.b$/);
  });

  test("only three roles are for one code", () => {
    expect(ROLES.filter((role) => SCOPES[role])).toEqual(["station", "person", "control_room"]);
  });

  test("the token is found in a pasted link, or is what was pasted", () => {
    expect(tokenIn(" http://x/station#token=fg1.a.b ")).toBe("fg1.a.b");
    expect(tokenIn(" fg1.a.b ")).toBe("fg1.a.b");
  });
});

describe("levels in words", () => {
  const level = (over: Partial<Level>): Level => ({
    column: "smoke_db_m",
    alarm: "fire",
    at_least: 0.15,
    at_most: null,
    clear_below: null,
    clear_above: null,
    latching: true,
    level: "alarm",
    delay_s: null,
    ...over,
  });

  test("value, unit, alarm and reset", () => {
    expect(levelWords("zh", level({}))).toBe("烟雾达到 0.15 dB/m，发出火灾报警，须人工复位");
    expect(levelWords("en", level({}))).toBe("Smoke at 0.15 dB/m or more, raises: Fire alarm, until a person resets it");
  });

  test("a channel is named, a delay and an end are told", () => {
    const one = level({ column: "cable_temperature_2_c", alarm: "cable_temperature", at_least: 70, latching: false, clear_below: 60, delay_s: 20, level: "prealarm" });
    expect(levelWords("en", one)).toBe(
      "Cable temperature channel 2 at 70 ℃ or more, for 20 s, raises a prealarm (Cable temperature high, calls nobody), over below 60 ℃",
    );
  });
});

describe("figures of health", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [200 * 1024 ** 3, "200 GiB"],
  ])("%d bytes are %s", (bytes, told) => {
    expect(size(bytes)).toBe(told);
  });

  test("times are told as how long ago, what is not known as a dash", () => {
    const told = figures("en", { heard_at: "2026-01-01T00:00:00Z", at: null, free: 1024, all: 3, timescale: null }, "2026-01-01T00:01:05Z");
    expect(told).toEqual({ heard_at: "1 min 5 s ago", at: "Nothing received yet", free: "1.0 KiB", all: 3, timescale: "—" });
  });
});

describe("the server's sentences", () => {
  test.each([
    ["lon: 'far' is not a number", "经度：“far”不是数字"],
    ["lon: 999.0 is not within -180 to 180", "经度：999.0 超出范围（-180 to 180）"],
    ["name is empty", "名称未填写"],
    ["place: there is no place P-X0001", "场所：没有登记 P-X0001，请先登记或改正编码"],
    ["place P-1 is still used by device SMK-1, gateway GW-1", "P-1 仍被引用：device SMK-1, gateway GW-1。先改掉或删除这些引用"],
    ["is missing", "缺少这个文件：补上，或选择“没有上传的文件保持现有登记”"],
  ])("%s is told in Chinese", (said, told) => {
    expect(sentence("zh", said)).toBe(told);
    expect(sentence("en", said)).toBe(said);
  });

  test("what is not known stays as it is", () => {
    expect(sentence("zh", "the moon is full")).toBe("the moon is full");
  });
});
