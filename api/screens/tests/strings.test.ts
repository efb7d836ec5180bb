import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isKey, say, STRINGS, type Key } from "../src/lib/strings";

const ROOT = join(import.meta.dirname, "../src");
const SOURCES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes("lib/strings"))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") }));
const KEYS = Object.keys(STRINGS) as Key[];
const HAN = /\p{Script=Han}/u;

const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

function withoutComments(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "");
}

/** What a component shows without looking it up: text between tags and literal labels. */
function shownText(text: string): string[] {
  const markup = withoutComments(text)
    .replace(/<script[\s\S]*?<\/script>/g, "")
    .replace(/<style[\s\S]*?<\/style>/g, "");
  const labels = [...markup.matchAll(/\b(?:aria-label|title|placeholder|alt)="([^"{]+)"/g)].map(([, label = ""]) => label);
  // an arrow or a comparison inside braces is no end of a tag: take the braces out first, innermost first
  let bare = markup;
  for (let before = ""; before !== bare; ) {
    before = bare;
    bare = bare.replace(/\{[^{}]*\}/g, "");
  }
  const between = [...bare.matchAll(/>([^<>]*)</g)].map(([, words = ""]) => words.trim());
  return [...labels, ...between].filter((words) => /\p{L}/u.test(words));
}

describe("the string table", () => {
  test.each(KEYS)("%s says something in both languages, with the same blanks", (key) => {
    const [zh, en] = STRINGS[key];
    expect(zh.trim()).not.toBe("");
    expect(en.trim()).not.toBe("");
    expect(blanks(zh)).toEqual(blanks(en));
  });

  test("no key is in the files of two rooms: the later would speak for both", () => {
    const folder = join(ROOT, "lib/strings");
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    const all = files.flatMap((text) => [...text.matchAll(/^  "([^"]+)":/gm)].map(([, key]) => key));
    expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([]);
  });

  test("no English string is left in Chinese", () => {
    const chinese = KEYS.filter((key) => HAN.test(STRINGS[key][1]) && key !== "language.other");
    expect(chinese).toEqual([]);
  });

  test("blanks are filled in, and what was not given stays visible", () => {
    expect(say("en", "order.eta", { time: "2 min" })).toBe("On scene in about 2 min");
    expect(say("en", "order.eta")).toBe("On scene in about {time}");
  });

  test("告警 is not used: a device's is 报警, an incident is 警情", () => {
    expect(KEYS.filter((key) => STRINGS[key][0].includes("告警"))).toEqual([]);
  });
});

describe("the sources", () => {
  test("there are sources to look at", () => {
    expect(SOURCES.length).toBeGreaterThan(30);
  });

  test.each(SOURCES)("$name names only strings that exist", ({ text }) => {
    const named = [...withoutComments(text).matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, key = ""]) => key);
    expect(named.filter((key) => !isKey(key))).toEqual([]);
  });

  test.each(SOURCES)("$name builds keys only under prefixes that exist", ({ text }) => {
    const built = [...text.matchAll(/\bt\(\s*`([^`$]*)\$\{/g)].map(([, prefix = ""]) => prefix);
    const worded = [...text.matchAll(/\bword\(\s*"([^"]+)"/g)].map(([, prefix]) => `${prefix}.`);
    const unknown = [...built, ...worded].filter((prefix) => !KEYS.some((key) => key.startsWith(prefix)));
    expect(unknown).toEqual([]);
  });

  test.each(SOURCES)("$name holds no Chinese outside its comments", ({ text }) => {
    expect(withoutComments(text).match(HAN)).toBeNull();
  });

  test.each(SOURCES.filter(({ name }) => name.endsWith(".svelte")))("$name shows no text that is not in the table", ({ text }) => {
    expect(shownText(text).filter((words) => words !== "FireGrid")).toEqual([]);
  });

  test("every string is used somewhere", () => {
    const all = SOURCES.map(({ text }) => text).join("\n");
    const prefixes = new Set<string>();
    for (const [, prefix = ""] of all.matchAll(/`([a-z_.]+\.)\$\{/g)) prefixes.add(prefix);
    for (const [, prefix = ""] of all.matchAll(/\bword\(\s*"([^"]+)"/g)) prefixes.add(`${prefix}.`);
    const unused = KEYS.filter((key) => !all.includes(`"${key}"`) && ![...prefixes].some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});
