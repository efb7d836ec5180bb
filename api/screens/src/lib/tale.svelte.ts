/** One incident with its whole timeline, kept current: only what the ledger has added is read again. */
import { Problem, type Api } from "./api";
import type { Incident, TimelineEntry } from "./contract";

/** Changes that come together cause one reading. */
const SOON_MS = 300;
/** While fires wait the ledger reaches the database up to 5 s later: what is told is looked for once more. */
const LATER_MS = 6_000;

/** `known` followed by the entries of `fresh` that come after it. */
export function extended(known: readonly TimelineEntry[], fresh: readonly TimelineEntry[]): TimelineEntry[] {
  const last = known.at(-1)?.entry ?? 0;
  return [...known, ...fresh.filter(({ entry }) => entry > last)];
}

export class Tale {
  /** As last read, with all of its timeline and notes; null before the first reading. */
  incident = $state.raw<Incident | null>(null);
  /** The database is away: what is shown may lack the latest. */
  away = $state(false);
  /** Why there is nothing to show; null while there is, or may be. */
  failure = $state<Problem | null>(null);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private reading = false;
  private again = false;
  private stopped = false;

  constructor(
    private readonly api: Api,
    private readonly id: string,
  ) {}

  /** Something about the incident has changed. */
  touch(after = SOON_MS): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), after);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async read(): Promise<void> {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    const known = this.incident?.timeline ?? [];
    try {
      const after = known.at(-1)?.entry ?? 0;
      const fresh = await this.api.get<Incident>(`/api/incidents/${encodeURIComponent(this.id)}?after=${after}`);
      const timeline = extended(known, fresh.timeline ?? []);
      this.away = fresh.timeline === null;
      this.failure = null;
      this.incident = { ...fresh, timeline, notes: { ...this.incident?.notes, ...fresh.notes } };
      if (timeline.length > known.length || this.away) this.touch(LATER_MS);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.failure = error;
      else this.touch(LATER_MS);
    } finally {
      this.reading = false;
      if (this.again) {
        this.again = false;
        this.touch();
      }
    }
  }
}
