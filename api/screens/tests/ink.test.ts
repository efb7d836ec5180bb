import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const CSS = readFileSync(join(import.meta.dirname, "../src/styles/base.css"), "utf8");
const THEMES = ["dark", "light"] as const;

/** The colours of a theme by their names. */
function colours(theme: (typeof THEMES)[number]): Record<string, string> {
  const block = CSS.split(`[data-theme="${theme}"] {`)[1]?.split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const ON_GROUNDS = ["text", "soft", "calm", "ok", "warn", "fire-text", "drill"].flatMap((ink) =>
  ["ground", "panel", "raised"].map((ground) => [ink, ground] as const),
);

describe.each(THEMES)("the colours of the %s theme", (theme) => {
  const named = colours(theme);

  test.each(ON_GROUNDS)("%s can be read on %s", (ink, ground) => {
    expect(contrast(named[ink] ?? "", named[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test("what stands on a warning can be read", () => {
    expect(contrast(named["warn-ink"] ?? "", named["warn"] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["fire", "ok-solid", "calm-solid"])("white can be read on %s", (ground) => {
    expect(contrast("#ffffff", named[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
