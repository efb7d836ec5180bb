import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { refusal } from "../src/lib/refusal";
import { isKey, LANGUAGES, say, STRINGS, type Key } from "../src/lib/strings";

const DOCS = readFileSync(join(import.meta.dirname, "../../../docs/http.md"), "utf8");
const SECTION = DOCS.split("## Why something is refused")[1]?.split("\n## ")[0] ?? "";
const CODES = [...SECTION.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, code = "", says = ""]) => ({ code, says }));

describe("what the server refuses", () => {
  test("is documented", () => {
    expect(CODES.length).toBeGreaterThan(60);
  });

  test.each(CODES)("$code has words in both languages, whose blanks the server fills", ({ code, says }) => {
    const key = `not_taken.${code}`;
    if (!isKey(key)) return expect.fail(`${key} is not in the string table`);
    const given = [...says.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    for (const [, name] of STRINGS[key][0].matchAll(/\{(\w+)\}/g)) expect(given).toContain(name);
    for (const language of LANGUAGES) expect(refusal(language, { error: "", code, values: {} })).toBe(say(language, key));
  });

  test("no string stands for a code that the server does not have", () => {
    const known = new Set(CODES.map(({ code }) => `not_taken.${code}`));
    const keys = (Object.keys(STRINGS) as Key[]).filter((key) => key.startsWith("not_taken.") && !/^not_taken\.(noun\.|nothing$)/.test(key));
    expect(keys.filter((key) => !known.has(key))).toEqual([]);
  });

  test("names states and actions in the page's language, never by their codes", () => {
    const values = { action: "turn_out", state: "closed", allowed: ["acknowledge", "decline"] };
    const zh = refusal("zh", { error: "turn_out is not allowed while the order is closed", code: "state_forbids", values });
    expect(zh).toBe("任务现在为“已办结”，不能再按“出动”。现在可按：接令、无法出动");
    expect(refusal("en", { error: "", code: "state_forbids", values: { ...values, allowed: [] } })).toContain("Now there is: nothing");
    expect(refusal("zh", { error: "", code: "alarm_state", values: { state: "shelved" } })).toContain("已屏蔽");
  });

  test("is shown in the server's own words where it has no code, or one that this page does not know", () => {
    expect(refusal("zh", { error: "value is an object" })).toBe("value is an object");
    expect(refusal("zh", { error: "of tomorrow", code: "of_tomorrow", values: {} })).toBe("of tomorrow");
  });
});
