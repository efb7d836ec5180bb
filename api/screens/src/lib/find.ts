/** Places found by what somebody types: name, address or code; what begins so stands before what contains it. Pure. */
import type { RegisteredPlace } from "./contract";

export function found(places: readonly RegisteredPlace[], typed: string, most = 8): RegisteredPlace[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const first = words[0] as string;
  return places
    .filter((one) => words.every((word) => `${one.name} ${one.address} ${one.code}`.toLowerCase().includes(word)))
    .map((one) => ({ one, rank: rank(one, first) }))
    .sort((a, b) => a.rank - b.rank || a.one.name.length - b.one.name.length || a.one.code.localeCompare(b.one.code))
    .slice(0, most)
    .map(({ one }) => one);
}

function rank({ name, address, code }: RegisteredPlace, word: string): number {
  if (code.toLowerCase() === word) return 0;
  if (name.toLowerCase().startsWith(word)) return 1;
  if (name.toLowerCase().includes(word)) return 2;
  return address.toLowerCase().includes(word) ? 3 : 4;
}
