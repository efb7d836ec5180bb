import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../src");
const SOURCES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".svelte"))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") }));

test.each(SOURCES)("$name shows no refusal in the server's own words", ({ text }) => {
  // `why` and `whyNot` say it in the page's language
  expect(text).not.toMatch(/\b(?:error|trouble|failure)(?: as Error\))?\.message\b/);
  expect(text).not.toMatch(/\["errors"\]\.map\(String\)/);
});

test("a phone scrolls an office's table sideways instead of breaking its words", () => {
  const css = readFileSync(join(ROOT, "styles/office.css"), "utf8");
  expect(css).toMatch(/max-width: 800px\) \{\s+\.office \.scroll table \{\s+min-width/);
  expect(css.split(".office .key {")[1]?.split("}")[0]).toContain("white-space: nowrap");
});
