/** The server's sentences about what is registered, in the language of the page; one that is not known here stays as it is. Pure. */
import { isKey, say, type Key, type Language } from "../strings";

/** What a sentence looks like, and the string that says the same; groups of the pattern fill its blanks `a`, `b`, `c`. */
const SENTENCES: readonly [RegExp, Key][] = [
  [/^(\w+) is empty(?:: .*)?$/, "wrong.empty"],
  [/^(\w+): '(.*)' is not a number$/, "wrong.number"],
  [/^(\w+): '(.*)' is not a whole number$/, "wrong.whole"],
  [/^(\w+): '(.*)' is not a code .*$/, "wrong.code"],
  [/^(\w+): String should .*$/, "wrong.shape"],
  [/^(\w+): '(.*)' is not a date .*$/, "wrong.date"],
  [/^(\w+): (\S+) is not within (.+)$/, "wrong.within"],
  [/^(\w+): '(.*)' is none of (.+)$/, "wrong.none_of"],
  [/^(\w+): there is no \w+ ([^\s,;:(]+)(.*)$/, "wrong.unknown"],
  [/^(\w+): (\d+) characters, at most (\d+) are kept$/, "wrong.long"],
  [/^lon and lat: give both or neither$/, "wrong.both"],
  [/^lon and lat look swapped.*$/, "wrong.swapped"],
  [/^is missing$/, "wrong.missing"],
  [/^code: (\S+) already stands on line (\d+)$/, "wrong.twice"],
  [/^the same stands on line (\d+)$/, "wrong.same"],
  [/^not UTF-8 from here on.*$/, "wrong.encoding"],
  [/^the header lacks (.+)$/, "wrong.header"],
  [/^(\S+, \S+) lies in no small grid.*$/, "wrong.outside"],
  [/^(\w+) (\S+) is still used by (.+)$/, "wrong.used"],
  [/^is no part of a pack and is ignored$/, "wrong.ignored"],
  [/^floor (-?\d+): place (\S+) has (\d+)$/, "wrong.floor"],
  [/^give either place or device$/, "wrong.either"],
  [/^it changes nothing: .*$/, "wrong.nothing"],
];

const BLANKS = ["a", "b", "c"] as const;

export function sentence(language: Language, said: string): string {
  if (language === "en") return said;
  for (const [pattern, key] of SENTENCES) {
    const found = pattern.exec(said);
    if (found === null) continue;
    const parts = BLANKS.map((blank, i) => [blank, named(language, found[i + 1] ?? "", i)] as const);
    return say(language, key, Object.fromEntries(parts));
  }
  return said;
}

/** The first word of a sentence is often a column's name. */
function named(language: Language, part: string, index: number): string {
  const key = `column.${part}`;
  return index === 0 && isKey(key) ? say(language, key) : part;
}
