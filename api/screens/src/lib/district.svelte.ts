/** What changes rarely and every page shares: streets, grids, stations. Read once, stations again every so often. */
import type { Api } from "./api";
import type { DistrictMap, Grid, Station } from "./contract";

/** Readiness of stations is not pushed, so it is read again this often. */
const STATIONS_MS = 10_000;
const RETRY_MS = 5_000;

export class District {
  map = $state.raw<DistrictMap | null>(null);
  grids = $state.raw<readonly Grid[]>([]);
  stations = $state.raw<readonly Station[]>([]);
  failed = $state(false);
  private reading: ReturnType<typeof setInterval> | undefined;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(private readonly api: Api) {}

  /** The streets alone: a link's token may not read who and what is registered. */
  startMap(): void {
    this.until(async () => {
      this.map = await this.api.get<DistrictMap>("/api/map");
    });
  }

  start(): void {
    this.startMap();
    this.until(async () => {
      this.grids = await this.api.all<Grid>("/api/grids?limit=500");
    });
    this.until(() => this.readStations());
    this.reading = setInterval(() => void this.refresh(), STATIONS_MS);
  }

  /** Stations are read again now: something about them was just said. */
  refresh(): Promise<void> {
    return this.readStations().catch(() => undefined);
  }

  private async readStations(): Promise<void> {
    this.stations = await this.api.all<Station>("/api/stations?limit=500");
  }

  stop(): void {
    clearInterval(this.reading);
    this.timers.forEach(clearTimeout);
  }

  station(code: string): Station | undefined {
    return this.stations.find((station) => station.code === code);
  }

  /** Runs `read` until it succeeds once: a screen that started before its server fills up by itself. */
  private until(read: () => Promise<void>): void {
    read().then(
      () => (this.failed = false),
      () => {
        this.failed = true;
        const timer = setTimeout(() => {
          this.timers.delete(timer);
          this.until(read);
        }, RETRY_MS);
        this.timers.add(timer);
      },
    );
  }
}
