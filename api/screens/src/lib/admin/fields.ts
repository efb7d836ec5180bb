/** What the registry's forms ask for: the columns of a district pack, each with the way it is given. Pure. */

export const NOUNS = ["grids", "places", "stations", "people", "gateways", "devices", "closures", "rules"] as const;
export type Noun = (typeof NOUNS)[number];

export type Row = Record<string, unknown> & { code: string };

export interface Field {
  name: string;
  /** `refer` takes a code of another noun, `choice` one of `options`. */
  kind: "text" | "long" | "number" | "choice" | "date" | "instant" | "refer" | "geometry";
  required: boolean;
  options?: readonly string[];
  refers?: Noun | "profiles";
  /** Shown in the table, not in the form alone. */
  listed?: boolean;
}

const text = (name: string, required: boolean, listed = false): Field => ({ name, kind: "text", required, listed });
const number = (name: string, required: boolean, listed = false): Field => ({ name, kind: "number", required, listed });
const choice = (name: string, required: boolean, options: readonly string[], listed = false): Field => ({
  name,
  kind: "choice",
  required,
  options,
  listed,
});
const refer = (name: string, required: boolean, refers: Field["refers"] & string, listed = false): Field => ({
  name,
  kind: "refer",
  required,
  refers,
  listed,
});
const long = (name: string): Field => ({ name, kind: "long", required: false });
const code = text("code", true, true);
const spot = (required: boolean): Field[] => [number("lon", required), number("lat", required)];

export const ALARMS = [
  "fire",
  "manual",
  "prealarm",
  "residual",
  "cable_temperature",
  "arc",
  "overcurrent",
  "voltage",
  "fault",
  "tamper",
  "low_battery",
  "contamination",
  "offline",
] as const;
const MODES = ["foot", "ebike", "motorcycle", "vehicle"] as const;

export const FIELDS: Record<Noun, readonly Field[]> = {
  grids: [
    code,
    text("name", true, true),
    choice("level", true, ["1", "2", "3"], true),
    refer("parent", false, "grids", true),
    { name: "geometry", kind: "geometry", required: true },
  ],
  places: [
    code,
    text("name", true, true),
    text("category", true, true),
    text("address", true, true),
    ...spot(true),
    number("floors", true, true),
    refer("grid", false, "grids", true),
    refer("station", false, "stations"),
    text("risk", false),
    long("hazards"),
    long("vulnerable"),
    text("keyholder", false),
    text("plan", false),
  ],
  stations: [
    code,
    text("name", true, true),
    choice("kind", true, ["unit", "community", "township", "brigade"], true),
    ...spot(true),
    refer("grid", true, "grids", true),
    text("phone", true, true),
    number("crew_min", true, true),
    number("muster_s", true, true),
    choice("mode", true, MODES, true),
    number("capacity", false),
    text("fallback", false),
  ],
  people: [
    code,
    text("name", true, true),
    text("phone", true, true),
    refer("station", false, "stations", true),
    text("fallback", false),
  ],
  gateways: [code, text("name", true, true), refer("place", true, "places", true)],
  devices: [
    code,
    refer("profile", true, "profiles", true),
    refer("gateway", true, "gateways", true),
    refer("place", true, "places", true),
    number("floor", false, true),
    text("room", false, true),
    ...spot(false),
    { name: "installed_on", kind: "date", required: false, listed: true },
  ],
  closures: [
    code,
    choice("kind", true, ["road", "lift"], true),
    refer("place", false, "places", true),
    ...spot(false),
    { name: "from", kind: "instant", required: false, listed: true },
    { name: "until", kind: "instant", required: false, listed: true },
    text("modes", false),
    { ...text("note", false), listed: true },
  ],
  rules: [
    code,
    choice("alarm", true, ALARMS, true),
    refer("place", false, "places", true),
    refer("device", false, "devices", true),
    text("column", false, true),
    choice("level", false, ["prealarm", "alarm"]),
    number("at_least", false, true),
    number("at_most", false, true),
    number("clear_below", false),
    number("clear_above", false),
    number("delay_s", false, true),
    number("off_delay_s", false),
    choice("latching", false, ["true", "false"]),
    choice("confirm", false, ["room", "floor", "place", "none"]),
    number("confirm_within_s", false),
    number("alone_s", false),
    number("escalates_after_s", false),
    choice("escalates_to", false, ["fire"]),
  ],
};

export const DUTIES: Record<string, "grids" | "places" | "stations" | null> = {
  leader: "grids",
  deputy: "grids",
  member: "grids",
  patron: "grids",
  police: "grids",
  warden: "places",
  manager: "places",
  contractor: "places",
  contact: "places",
  control_room: "places",
  chief: "stations",
  duty_officer: "stations",
  crew: "stations",
  commander: null,
};

/** What a form holds: each cell as text. */
export type Draft = Record<string, string>;

export function draft(noun: Noun, row: Record<string, unknown> | null): Draft {
  return Object.fromEntries(FIELDS[noun].filter(({ kind }) => kind !== "geometry").map(({ name }) => [name, cell(row?.[name])]));
}

export function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The body of a PUT: what is empty is left out; everything else goes as text, for the server says what is wrong with it. */
export function body(noun: Noun, made: Draft, geometry: unknown): Record<string, unknown> {
  const members = Object.entries(made).flatMap(([name, value]) => (value.trim() === "" ? [] : [[name, value.trim()] as const]));
  return { ...Object.fromEntries(members), ...(noun === "grids" ? { geometry } : {}) };
}

/** The sentences of a refusal: the registry's as they are, those about the request itself with its member's name in front. */
export function sentences(errors: unknown): string[] | null {
  if (!Array.isArray(errors)) return null;
  return errors.map((one: unknown) => {
    const { at, reason } = (one ?? {}) as { at?: unknown; reason?: unknown };
    return typeof one === "string" ? one : `${String(at).split(".").at(-1)}: ${String(reason)}`;
  });
}

/** The server's sentences at the fields they are about; what names no field of the form stands under "". */
export function atFields(noun: Noun, errors: readonly string[]): Record<string, string[]> {
  const names = FIELDS[noun].map(({ name }) => name);
  const found: Record<string, string[]> = {};
  for (const error of errors) {
    const word = /^([a-z_]+)(?: and ([a-z_]+))?(?:\b|:| )/.exec(error)?.[1] ?? "";
    const at = names.includes(word) ? word : "";
    (found[at] ??= []).push(error);
  }
  return found;
}

/** The first geometry in a GeoJSON text: a polygon itself, or of a feature, or of a collection's only feature. */
export function geometryIn(text: string): unknown | null {
  try {
    const read = JSON.parse(text) as { type?: string; geometry?: unknown; features?: { geometry?: unknown }[] };
    if (read.type === "FeatureCollection") return read.features?.length === 1 ? (read.features[0]?.geometry ?? null) : null;
    if (read.type === "Feature") return read.geometry ?? null;
    return read.type === "Polygon" || read.type === "MultiPolygon" ? read : null;
  } catch {
    return null;
  }
}
