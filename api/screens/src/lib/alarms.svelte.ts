/** The open alarms of one place, read again every few seconds and when something hints at a change. */
import type { Api } from "./api";
import { whyNot } from "./words.svelte";
import type { OrderAlarm } from "./contract";

const EVERY_MS = 10_000;
const SOON_MS = 500;

export interface Alarm extends OrderAlarm {
  id: string;
  state: "pending" | "active" | "restored" | "cleared" | "shelved";
  incident: string | null;
  acknowledged_by: string | null;
}

export class Alarms {
  open = $state.raw<readonly Alarm[]>([]);
  failure = $state<string | null>(null);
  private reading: ReturnType<typeof setInterval> | undefined;
  private hinted: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly place: string,
  ) {}

  start(): void {
    void this.look();
    this.reading = setInterval(() => void this.look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.reading);
    clearTimeout(this.hinted);
  }

  soon(): void {
    clearTimeout(this.hinted);
    this.hinted = setTimeout(() => void this.look(), SOON_MS);
  }

  async act(id: string, action: "acknowledge" | "reset"): Promise<void> {
    this.failure = null;
    try {
      await this.api.post(`/api/alarms/${encodeURIComponent(id)}/actions`, { action });
    } catch (error) {
      this.failure = whyNot(error);
    }
    await this.look();
  }

  private async look(): Promise<void> {
    // while it cannot be read, what was known stays: the line's own notice says that it may be old
    const found = await this.api
      .all<Alarm>(`/api/alarms?state=open&place=${encodeURIComponent(this.place)}&limit=200`, 1_000)
      .catch(() => null);
    if (found !== null) this.open = found;
  }
}
