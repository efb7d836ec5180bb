/** What an order carries, as lines to read: the gravest for people first. */
import type { Order, OrderFile } from "./contract";
import type { Drawing } from "./drawings";
import { isKey, say, type Key, type Language } from "./strings";

export interface Part {
  text: string;
  phone?: string;
  /** Out of order: said so that nobody runs to it. */
  faint?: boolean;
}

export interface Line {
  name: string;
  label: string;
  sign: Drawing;
  parts: Part[];
  /** Lives hang on it. */
  urgent: boolean;
}

type Carrying = Pick<Order, "file" | "closures" | "places">;

export function carried(language: Language, order: Carrying): Line[] {
  const file = order.file ?? null;
  const line = (name: string, sign: Drawing, parts: Part[], urgent = false): Line[] =>
    parts.length === 0 ? [] : [{ name, sign, parts, urgent, label: say(language, `file.${name}` as Key) }];
  const further = file?.further ?? [];
  const of = (key: "vulnerable" | "hazards" | "plan"): Part[] => [
    ...text(file?.[key] ?? null),
    ...further.flatMap((place) => text(place[key]).map((part) => ({ text: `${place.name ?? place.code}：${part.text}` }))),
  ];
  return [
    ...line("vulnerable", "people", of("vulnerable"), true),
    ...line("closures", "cross", closures(language, order), true),
    ...line("hazards", "triangle", of("hazards")),
    ...line("keyholder", "hand", file === null ? [] : keyholder(file)),
    ...line("contacts", "people", file === null ? [] : contacts(language, file)),
    ...line("water", "line", file === null ? [] : water(language, file)),
    ...line("lanes", "arrow", file === null ? [] : lanes(language, file)),
    ...line("further", "pin", (order.places ?? []).slice(1).map((place) => ({ text: place.name ?? place.code ?? "" }))),
    ...line("risk", "triangle", text(file?.risk ?? null).map(({ text: code }) => ({ text: coded(language, `risk.${code}`) }))),
    ...line("plan", "house", of("plan")),
  ];
}

function text(value: string | null): Part[] {
  return value === null || value === "" ? [] : [{ text: value }];
}

/** Who has the key, where that is told in words; a registered person is among the contacts. */
function keyholder(file: OrderFile): Part[] {
  const registered = (file.contacts ?? []).some(({ code }) => code === file.keyholder);
  return registered ? [] : text(file.keyholder);
}

function contacts(language: Language, file: OrderFile): Part[] {
  return (file.contacts ?? []).slice(0, 4).map(({ duty, name, phone }) => ({ text: `${coded(language, `duty.${duty}`)} ${name}`, phone }));
}

function water(language: Language, file: OrderFile): Part[] {
  return (file.water ?? []).map(({ kind, distance_m, usable, state }) => {
    const where = say(language, "file.away", { what: coded(language, `water.kind.${kind}`), m: distance_m });
    if (usable === true) return { text: where };
    return { text: `${where} · ${coded(language, `water.state.${state}`)}`, faint: usable === false };
  });
}

function lanes(language: Language, file: OrderFile): Part[] {
  return (file.lanes ?? []).map((lane) => {
    const name = typeof lane.name === "string" ? lane.name : lane.code;
    const width = typeof lane.width_m === "number" ? say(language, "file.wide", { m: lane.width_m }) : "";
    const state = typeof lane.state === "string" ? coded(language, `lane.state.${lane.state}`) : "";
    return { text: [say(language, "file.away", { what: name, m: lane.distance_m }), width, state].filter(Boolean).join(" ") };
  });
}

function closures(language: Language, order: Carrying): Part[] {
  return (order.closures ?? []).map(({ kind, note }) => ({ text: [say(language, `closure.${kind}`), note ?? ""].filter(Boolean).join("：") }));
}

/** The word for a code of the registry; one nobody knows here is shown as it is. */
function coded(language: Language, key: string): string {
  return isKey(key) ? say(language, key) : key.replace(/^.*\./, "");
}
