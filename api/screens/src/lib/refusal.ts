/** Why the server took something not, in the language of the page: by its code; without one in the server's own words. Pure. */
import { clock } from "./format";
import { isKey, say, type Language } from "./strings";

/** As a problem document or a result frame has it. */
export interface Said {
  error: string;
  code?: unknown;
  values?: unknown;
}

/** Under which prefixes the word of a value stands that is a code itself. */
const WORDED: Record<string, readonly string[]> = {
  action: ["action"],
  allowed: ["action"],
  state: ["state", "alarm.state"],
  judged: ["verdict", "verification"],
  noun: ["noun", "not_taken.noun"],
  member: ["outcome"],
  role: ["role"],
  fields: ["column", "access"],
};

export function refusal(language: Language, { error, code, values }: Said): string {
  const key = `not_taken.${String(code)}`;
  if (!isKey(key)) return error;
  const filled = Object.entries((values ?? {}) as Record<string, unknown>).map(([name, value]) => [name, worded(language, name, value)] as const);
  return say(language, key, Object.fromEntries(filled));
}

function worded(language: Language, name: string, value: unknown): string {
  if (Array.isArray(value)) {
    const parts = value.map((one) => worded(language, name, one));
    return parts.length > 0 ? parts.join(language === "zh" ? "、" : ", ") : say(language, "not_taken.nothing");
  }
  if (name === "at") return clock(String(value));
  const key = (WORDED[name] ?? []).map((prefix) => `${prefix}.${String(value)}`).find(isKey);
  return key === undefined ? String(value) : say(language, key);
}
