/** The phone book: people and stations as lines, found by any word of their name, code, telephone, duty or where it is. Pure. */
import type { Grid } from "./contract";
import type { Contact, Post } from "./outlook";

export interface Listed {
  key: string;
  height: number;
  kind: "station" | "person";
  name: string;
  phone: string | null;
  code: string;
  /** Each duty with the name of where it is. */
  duties: { duty: string; where: string }[];
  /** Everything a search looks into. */
  words: string;
}

const HEIGHT = 3.9;

export interface Places {
  grids: readonly Grid[];
  stations: readonly Post[];
  place: (code: string) => string;
}

/** Stations first, then people by name. `dutyWord` puts a duty into the page's language. */
export function book(people: readonly Contact[], places: Places, dutyWord: (duty: string) => string): Listed[] {
  const grids = new Map(places.grids.map((grid) => [grid.code, grid.name]));
  const stations = new Map(places.stations.map((station) => [station.code, station.name]));
  const where = (scope: string) => grids.get(scope) ?? stations.get(scope) ?? places.place(scope);
  const listed = places.stations.map((station): Omit<Listed, "words"> => ({
    key: `station ${station.code}`,
    height: HEIGHT,
    kind: "station",
    name: station.name,
    phone: station.phone || null,
    code: station.code,
    duties: station.grid.slice(0, 1).map(({ name }) => ({ duty: station.kind, where: name })),
  }));
  const persons = people.map((person): Omit<Listed, "words"> => ({
    key: `person ${person.code}`,
    height: HEIGHT,
    kind: "person",
    name: person.name,
    phone: person.phone || null,
    code: person.code,
    duties: [
      ...person.duties.map(({ duty, scope }) => ({ duty, where: scope === "" ? "" : where(scope) })),
      ...(person.station !== null && !person.duties.some(({ scope }) => scope === person.station)
        ? [{ duty: "crew", where: where(person.station) }]
        : []),
    ],
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, "zh");
  return [...listed.sort(byName), ...persons.sort(byName)].map((one) => ({
    ...one,
    words: [one.name, one.code, one.phone ?? "", ...one.duties.flatMap(({ duty, where: at }) => [dutyWord(duty), at])].join(" ").toLowerCase(),
  }));
}

/** Those that have every word of the search, in any order. */
export function search(listed: readonly Listed[], text: string): Listed[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return listed.filter(({ words }) => wanted.every((one) => words.includes(one)));
}

/** What a telephone dials: digits, and a plus in front. */
export function dial(phone: string): string {
  return `tel:${phone.replace(/(?!^\+)[^\d]/g, "")}`;
}
