/** A line of a timeline in words: codes become names, digests become the notes they stand for. */
import type { Incident } from "./contract";
import { duration } from "./format";
import type { Line, Part } from "./story";
import { isKey, say, type Language } from "./strings";

/** Who a recipient is, by name. */
export type Who = (recipient: string) => string;

export function told(language: Language, line: Pick<Line, "key" | "parts">, incident: Pick<Incident, "notes"> | null, who: Who): string {
  const values = Object.entries(line.parts).map(([name, part]) => [name, said(language, part, incident, who)]);
  return say(language, line.key, Object.fromEntries(values) as Record<string, string>).trim();
}

function said(language: Language, part: Part, incident: Pick<Incident, "notes"> | null, who: Who): string {
  if ("text" in part) return part.text;
  if ("word" in part) return coded(language, part.word, part.code);
  if ("seconds" in part) return duration(language, part.seconds * 1_000);
  if ("note" in part) return incident?.notes?.[part.note] ? `「${incident.notes[part.note]}」` : "";
  return who(part.who);
}

/** The word for a code under `prefix`; a code nobody knows here is shown as it is. */
export function coded(language: Language, prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return isKey(key) ? say(language, key) : code;
}
