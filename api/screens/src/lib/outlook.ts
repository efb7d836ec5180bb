/** Shapes of what is known of the district besides incidents, as the server sends them. */
import type { Person, Station } from "./contract";

/** A place that no free crew on duty reaches in time. */
export interface Uncovered {
  place: string;
  name: string;
  category: string;
  grid: string;
  lon: number;
  lat: number;
  nearest: string | null;
  eta_s: number | null;
}

export interface GridCoverage {
  code: string;
  name: string;
  level: 1 | 2 | 3;
  places: number;
  covered: number;
  uncovered: number;
}

/** Coverage now (此刻三分钟圈). */
export interface Coverage {
  as_of: string;
  within_s: number;
  places: { total: number; covered: number; uncovered: number };
  grids: GridCoverage[];
  uncovered: Uncovered[];
  next: string | null;
  stations: {
    free: number;
    engaged: number;
    off_duty: number;
    demoted: number;
    reported_to: number;
    registered: number;
    with_screen: number;
    covered: number;
    covered_pct: number | null;
  };
}

export type RiskColour = "red" | "orange" | "yellow" | "blue";

export interface GridRisk {
  code: string;
  name: string;
  level: 1 | 2 | 3;
  colour: RiskColour;
  /** 0 to 100. */
  index: number;
  parts: { name: string; value: number | null; points: number; weight: number }[];
}

export interface Risk {
  as_of: string;
  days: number;
  items: GridRisk[];
}

/** A closed road or a lift out of order. */
export interface Closure {
  code: string;
  kind: "road" | "lift";
  place: string | null;
  lon: number | null;
  lat: number | null;
  from: string | null;
  until: string | null;
  modes: string[] | null;
  note: string | null;
  in_force: boolean;
}

/** For a time the alarms of a place, gateway or device call nobody. */
export interface Blackout {
  id: string;
  noun: "place" | "gateway" | "device";
  code: string;
  from: string;
  until: string;
  by: string;
  why: string;
  fire: boolean;
  state: "planned" | "on" | "ended";
  ended_at?: string | null;
  ended_by?: string | null;
}

/** Somebody who can be rung. */
export interface Contact extends Person {
  phone?: string;
}

/** A station with all that command reads of it. */
export interface Post extends Station {
  crew_min?: number;
  capacity?: number;
  phone?: string;
}
