/** The shapes of CONTRACT sections 3 and 4, as the server sends them. Times are RFC 3339 strings in UTC. */

export type OrderState =
  | "drafted"
  | "sent"
  | "delivered"
  | "acknowledged"
  | "turned_out"
  | "arrived"
  | "controlled"
  | "closed"
  | "declined"
  | "lapsed"
  | "cancelled";

export type OrderKind = "respond" | "verify" | "attend" | "inform" | "rectify";

export type Action =
  | "acknowledge"
  | "decline"
  | "turn_out"
  | "arrive"
  | "control"
  | "close"
  | "confirm_fire"
  | "report_false"
  | "request_help"
  | "checklist"
  | "report_brigade";

/** The sentence to say to 119, whole and by its parts. */
export interface Wording {
  text: string;
  [part: string]: string;
}

export interface Brigade {
  due_since: string | null;
  reason: "confirmed" | "unverified" | "severity" | null;
  wording: { zh: Wording; en: Wording };
  reported_at: string | null;
  reported_by: string | null;
  case_number: string | null;
}

export interface Tier {
  name: string;
  means: string;
  milestone_at: string;
  /** People wanted in all by then. */
  strength: number;
  state: "satisfied" | "waiting" | "short" | "empty" | "over";
  call: "at_once" | "backwards";
  call_at: string | null;
}

/** People wanted, on their way and there, and what comes next. */
export interface Calling {
  wanted: number;
  on_the_way: number;
  there: number;
  rules: string[];
  periods: string[];
  unverified_until: string | null;
  tiers: Tier[];
}

export interface Place {
  code: string | null;
  /** Null where an incident was opened at a point of the map. */
  name: string | null;
  address: string | null;
  floor: number | null;
  room: string | null;
  lon: number;
  lat: number;
}

export interface GridName {
  code: string;
  name: string;
  level: 1 | 2 | 3;
}

export interface OrderAlarm {
  id?: string;
  kind: string;
  device: string;
  since: string;
  value: unknown;
  /** Canonical name of what `value` is, with its unit, such as `smoke_db_m`. */
  unit_of?: string | null;
  state?: "pending" | "active" | "restored" | "cleared" | "shelved";
  floor?: number | null;
  room?: string | null;
  flags?: string[];
  /** Of an incident's alarms only: where, when FireGrid decided it, who has seen it. */
  place?: string;
  level?: string;
  raised_at?: string;
  restored_at?: string | null;
  cleared_at?: string | null;
  shelved_until?: string | null;
  acknowledged_by?: string | null;
  latching?: boolean;
}

export interface Deadlines {
  acknowledge_by?: string | null;
  turn_out_by?: string | null;
  arrive_by?: string | null;
  support_by?: string | null;
}

export interface HistoryEntry {
  event: string;
  at: string;
  by: string | null;
  /** Of a checklist, what is ticked off. */
  done?: string[];
  /** When it was pressed, where it had to wait for a line. */
  pressed_at?: string;
}

/** What a recipient must know of a place. */
export interface PlaceFile {
  plan: string | null;
  risk: string | null;
  hazards: string | null;
  vulnerable: string | null;
  keyholder: string | null;
  contacts: { duty: string; code: string; name: string; phone: string }[] | null;
}

/** What an order carries, for its own recipient while it is open; what is not for its kind is null. */
export interface OrderFile extends PlaceFile {
  further: (PlaceFile & { code: string; name: string | null })[];
  water:
    | { code: string; kind: string; lon: number; lat: number; state: string; usable: boolean | null; distance_m: number }[]
    | null;
  lanes: { code: string; name: unknown; state: unknown; width_m: unknown; distance_m: number }[] | null;
  equipment: { item: string; count: number; checked_on: string | null; expires_on: string | null }[] | null;
  checklist: { task: string; done: boolean }[] | null;
}

export interface Order {
  id: string;
  incident: string;
  recipient: string;
  state: OrderState;
  kind: OrderKind;
  file?: OrderFile | null;
  priority: number;
  drill: boolean;
  late: boolean;
  place: Place;
  /** Where it began, then the further places of its alarms. */
  places?: Place[];
  grid: GridName[];
  alarms: OrderAlarm[];
  eta_s: number | null;
  closures?: { code: string; kind: "road" | "lift"; place: string | null; until: string | null; note: string | null }[];
  /** Null from arrival on. */
  eta_at?: string | null;
  eta_method: "roads" | "line" | "reported" | null;
  reason: string;
  tier?: string | null;
  rules?: string[];
  people?: number | null;
  /** Of a station's order, what its people said for themselves; who spoke last comes last. */
  members?: Member[];
  brigade?: Brigade | null;
  deadlines: Deadlines;
  history: HistoryEntry[];
  drafted_at: string;
}

/** What somebody of the ordered station's crew said last. */
export interface Member {
  person: string;
  name: string | null;
  answer: "going" | "cannot" | "there";
  at: string;
}

/** A picture of an incident; the picture itself is at `/api/photos/{id}`. */
export interface Photo {
  id: string;
  order: string | null;
  at: string;
  by: string;
  digest: string;
  /** The digest of what was said with it. */
  note: string | null;
  taken_at: string | null;
}

/** A duty check (查岗) and what has come of it. */
export interface Check {
  id: string;
  station: string;
  /** What was missed stays so though it is answered late. */
  state: "open" | "answered" | "missed";
  reason: "scheduled" | "asked";
  by: string | null;
  sent_at: string;
  answer_by: string;
  answered_at: string | null;
  answered_by: string | null;
  via: "answer" | "press" | "engaged" | null;
}

/** How a station stands. */
export interface Watch {
  on_duty: boolean;
  crew_available: number;
  people: string[];
  taken_over: { since: string; until: string; handed_by: string | null; items: string[] } | null;
  next_shift: { at: string; people: string[] } | null;
  last_check: Check | null;
  demoted: boolean;
  covered: boolean;
}

/** The way to an order's place, to be drawn. */
export interface Way {
  order: string;
  mode: "foot" | "ebike" | "motorcycle" | "vehicle";
  method: "roads" | "line";
  line: [number, number][];
  length_m: number;
  travel_s: number;
}

export interface Warning {
  code: string;
  order?: string;
  recipient?: string;
}

/** One thing that happened; its members depend on `fact`. */
export interface Fact {
  fact: string;
  [member: string]: unknown;
}

/** An entry of the ledger; `digest` is that of its chain, in hexadecimal. */
export interface TimelineEntry {
  entry: number;
  digest?: string;
  at: string;
  facts: Fact[];
}

export type Verdict = "real" | "false" | "test" | "unfounded";

/** An outgoing call (webhook) and what came of it. */
export interface OutgoingCall {
  id: string;
  kind: string;
  recipient: string | null;
  order: string | null;
  state: "open" | "delivered" | "failed" | "not_needed";
  planned_at: string;
  ended_at: string | null;
}

/** A version of a first, follow-up or final report, as somebody saved it. */
export interface WrittenReport {
  id: number;
  incident: string;
  kind: "first" | "followup" | "final";
  language: "zh" | "en";
  text: string;
  signed: string | null;
  entry: number | null;
  saved_by: string;
  saved_as: string | null;
  saved_at: string;
}

export interface Incident {
  id: string;
  state: "open" | "closed";
  /** 1 to 4, 4 the gravest. */
  severity: number;
  kind: string;
  source: string;
  case_number?: string | null;
  place: Place;
  places?: Place[];
  split_from?: string | null;
  merged_into?: string | null;
  grid: GridName[];
  drill: boolean;
  drill_id?: string | null;
  verification: "unverified" | "confirmed" | "false";
  opened_at: string;
  closed_at: string | null;
  /** Everybody was stood down, and nobody has asked for anybody since. */
  stood_down?: boolean;
  verdict: Verdict | null;
  judged_at?: string | null;
  alarms: OrderAlarm[];
  calls?: OutgoingCall[];
  orders: Order[];
  calling?: Calling | null;
  brigade?: Brigade | null;
  warnings?: Warning[];
  photos?: Photo[];
  /** Null while the database is away. */
  timeline?: TimelineEntry[] | null;
  /** Free texts by their digest, for those who may decide. */
  notes?: Record<string, string>;
  cause?: string | null;
  outcome?: Record<string, unknown> | null;
  /** Of a real fire, what its report does not say yet. */
  report_missing?: string[];
}

/** What is open, in numbers, while more alarms come than people can answer. */
export interface Flood {
  on: boolean;
  since: string | null;
  alarms_10_min: number;
  open_alarms: Record<string, number>;
  open_incidents: Record<string, number>;
  grids: Record<string, number>;
  held_back: number;
}

export type ServerFrame =
  | {
      type: "welcome";
      recipient: string;
      stream: string;
      seq: number;
      server_time: string;
      resumed: boolean;
      open: Order[];
      checks?: Check[];
      flood?: Flood;
      /** For a person who serves at a station, that station's open orders; of a link, its one order. */
      shown?: Order[];
    }
  | { type: "order"; seq: number; order: Order }
  | { type: "shown"; order: Order }
  | { type: "incident"; seq: number; incident: Incident }
  | { type: "flood"; flood: Flood }
  | { type: "duty_check"; check: Check }
  | { type: "beat"; server_time: string; seq: number }
  | { type: "result"; ref: string; ok: boolean; order?: Order; error?: string; code?: string; values?: Record<string, unknown> }
  | { type: "error"; error: string };

export type ClientFrame =
  | { type: "hello"; token: string; stream?: string; after?: number }
  | { type: "received"; seq: number }
  | ({ type: "act" } & Act);

/** A person's press. Repeating a `ref` changes nothing on the server, so an unanswered one may be sent again. */
export interface Act {
  ref: string;
  order: string;
  action: Action;
  note?: string;
  value?: unknown;
  /** When it was pressed, by the server's clock. */
  pressed_at?: string;
}

export interface Me {
  role: string;
  recipient: string | null;
  name: string;
  scope?: string | null;
  grids?: string[];
  duties?: { duty: string; scope: string }[];
  may?: string[];
  /** Where a person serves. */
  stations?: { code: string; name: string; lon: number; lat: number; phone: string; mode: string }[];
  /** Of a link's token, the one order it is good for. */
  order?: string | null;
  command_phone?: string | null;
}

export interface Grid {
  code: string;
  name: string;
  level: 1 | 2 | 3;
  parent: string | null;
  polygon: [number, number][][][];
}

export interface Station extends Partial<Omit<Watch, "on_duty" | "crew_available">> {
  code: string;
  name: string;
  kind: "unit" | "community" | "township" | "brigade";
  lon: number;
  lat: number;
  grid: GridName[];
  on_duty: boolean;
  /** Open orders to respond. */
  engaged: number;
  crew_available: number;
  screens: number;
}

export interface Person {
  code: string;
  name: string;
  station: string | null;
  duties: { duty: string; scope: string }[];
}

export interface RegisteredPlace {
  code: string;
  name: string;
  address: string;
  category: string;
  lon: number;
  lat: number;
}

export interface Tiles {
  kind: "template" | "pmtiles";
  url: string;
  datum: "wgs84" | "gcj02" | "cgcs2000";
  attribution: string | null;
}

export interface DistrictMap {
  /** Null where the district has none, or while they cannot be read. */
  roads: GeoJSON.FeatureCollection<GeoJSON.LineString, { class?: string; name?: string }> | null;
  water: { code: string; kind: string; lon: number; lat: number; state: string }[];
  /** Rivers and lakes; null like `roads`. */
  rivers: GeoJSON.FeatureCollection<GeoJSON.Polygon | GeoJSON.LineString> | null;
  lanes?: GeoJSON.FeatureCollection | null;
  /** Pictures of a map that the operator has set up, or null. */
  tiles?: Tiles | null;
  attribution?: string;
}
