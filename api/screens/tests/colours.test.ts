import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../src");
const STYLES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(svelte|css)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "") }));

/** The page's colours by theme, as base.css has them. */
function theme(name: string): Map<string, string> {
  const block = new RegExp(`\\[data-theme="${name}"\\]\\s*\\{([^}]*)\\}`).exec(readFileSync(join(ROOT, "styles/base.css"), "utf8"))?.[1] ?? "";
  return new Map([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, key = "", value = ""]) => [key, value]));
}

/** Contrast by WCAG 2.2, section 1.4.3. */
function contrast(one: string, other: string): number {
  const light = (colour: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(one), light(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe.each(["dark", "light"])("%s", (name) => {
  const colours = theme(name);
  const of = (one: string) => colours.get(one) ?? one;
  test.each([
    ...["--text", "--soft", "--warn", "--ok", "--fire-text", "--drill", "--calm"].flatMap((ink) => ["--ground", "--panel"].map((ground) => [ink, ground])),
    ["--text", "--raised"],
    ["--soft", "--raised"],
    ["--warn-ink", "--warn"],
    ["#ffffff", "--fire"],
    ["#ffffff", "--calm-solid"],
    ["#ffffff", "--ok-solid"],
    ["--drill", "--drill-deep"],
  ] as [string, string][])("%s is read on %s", (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5);
  });
});

test("solid red is only ever fire", () => {
  const rules = STYLES.flatMap(({ name, text }) => [...text.matchAll(/([^{}]*)\{([^{}]*)\}/g)].map(([, selector = "", body = ""]) => ({ name, selector: selector.trim(), body })));
  const red = rules.filter(({ body }) => /background(-color)?:[^;]*var\(--fire\)/.test(body));
  expect(red.length).toBeGreaterThan(5);
  expect(red.filter(({ selector }) => !selector.split(",").every((one) => one.includes(".fire")))).toEqual([]);
});
