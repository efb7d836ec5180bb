/** The language a page speaks: `?lang=`, else as last chosen, else Chinese. */
import { Problem } from "./api";
import { refusal, type Said } from "./refusal";
import { isKey, LANGUAGES, say, type Key, type Language } from "./strings";

const KEPT = "firegrid.language";

function first(): Language {
  const asked = new URLSearchParams(window.location.search).get("lang") ?? localStorage.getItem(KEPT);
  return LANGUAGES.find((language) => asked?.toLowerCase().startsWith(language)) ?? "zh";
}

class Words {
  language = $state<Language>(first());

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(KEPT, language);
    this.announce();
  }

  other(): void {
    this.choose(this.language === "zh" ? "en" : "zh");
  }

  /** Tells the browser, and with it fonts and screen readers. */
  announce(): void {
    document.documentElement.lang = this.language === "zh" ? "zh-CN" : "en";
  }
}

export const words = new Words();
words.announce();

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return say(words.language, key, values);
}

/** The word for a code the server sent, under `prefix`; a code nobody knows here is shown as it is. */
export function word(prefix: string, code: string, values: Record<string, string | number> = {}): string {
  const key = `${prefix}.${code}`;
  return isKey(key) ? t(key, values) : code;
}

/** Why the server did not take something. */
export function why(said: Said): string {
  return refusal(words.language, said);
}

/** What went wrong when something was asked of the server: its refusal, or that it cannot be reached. */
export function whyNot(error: unknown): string {
  return error instanceof Problem ? why(error.said) : t("login.unreachable");
}
