/** What lies in one's own grids: places with their files, devices as they stand, what is wrong with them. Read when looked at. */
import type { Api } from "../lib/api";
import type { GridName, OrderAlarm, RegisteredPlace } from "../lib/contract";

export interface OwnPlace extends RegisteredPlace {
  floors: number | null;
  grid: GridName[];
  risk?: string | null;
  hazards?: string | null;
  /** Absent where one may not read it. */
  vulnerable?: string | null;
  keyholder?: string | null;
  plan?: string | null;
}

export interface OwnDevice {
  code: string;
  kind: "smoke" | "electrical";
  place: string;
  floor: number | null;
  room: string | null;
  state: "normal" | "alarm" | "fault" | "offline" | "unknown";
  last_seen: string | null;
}

export interface OwnAlarm extends OrderAlarm {
  id: string;
  place: string;
  acknowledged_by: string | null;
}

/** So long what was read is good enough to be looked at again. */
const FRESH_MS = 60_000;
/** More devices than this nobody reads through on a phone; the troubles come from the alarms, which are all read. */
const MOST_DEVICES = 2_000;

export class Area {
  places = $state.raw<readonly OwnPlace[] | null>(null);
  devices = $state.raw<readonly OwnDevice[] | null>(null);
  alarms = $state.raw<readonly OwnAlarm[] | null>(null);
  /** Nothing could be read: there is no line. */
  failed = $state(false);
  reading = $state(false);
  private readAt = Number.NEGATIVE_INFINITY;
  private gone = false;
  readonly place = $derived(new Map((this.places ?? []).map((place) => [place.code, place])));

  constructor(private readonly api: Api) {}

  stop(): void {
    this.gone = true;
  }

  /** Reads places, alarms and devices unless that was done lately; `now` reads them whatever was. */
  async look(now = false): Promise<void> {
    if (this.reading || this.gone || (!now && performance.now() - this.readAt < FRESH_MS)) return;
    this.reading = true;
    try {
      this.places = await this.api.all<OwnPlace>("/api/places?limit=500");
      this.alarms = await this.api.all<OwnAlarm>("/api/alarms?state=open&limit=500");
      this.devices = await this.api.all<OwnDevice>("/api/devices?limit=500", MOST_DEVICES);
      this.readAt = performance.now();
      this.failed = false;
    } catch {
      this.failed = true;
    } finally {
      this.reading = false;
    }
  }

  put(alarm: OwnAlarm): void {
    this.alarms = (this.alarms ?? []).map((one) => (one.id === alarm.id ? alarm : one));
  }
}
