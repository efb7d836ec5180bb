/** What the map says of something that is pointed at. */
import type { GridRisk, Uncovered } from "./outlook";
import { duration } from "./format";
import { t, word, words } from "./words.svelte";

/** A grid's colour, index, and what makes most of it. */
export function riskWords(found: GridRisk | undefined): string {
  if (found === undefined) return "";
  const most = [...found.parts].sort((a, b) => b.points - a.points).filter(({ points }) => points >= 1).slice(0, 3);
  const why = most.map(({ name, points }) => `${word("risk.part", name)} ${Math.round(points)}`).join(" · ");
  const line = t("risk.grid", { name: found.name, colour: word("risk", found.colour), index: Math.round(found.index) });
  return why ? `${line}\n${why}` : line;
}

export function uncoveredWords(place: Uncovered, station: (code: string) => string): string {
  if (place.nearest === null || place.eta_s === null) return t("uncovered.none", { name: place.name });
  return t("uncovered.place", { name: place.name, who: station(place.nearest), time: duration(words.language, place.eta_s * 1_000) });
}
