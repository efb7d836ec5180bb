/** The incident behind the order that is looked at: who else is called, who is coming, how soon. */
import type { Api } from "./api";
import type { Incident } from "./contract";

/** What others do is told to command alone; others look again this often, and when their own order changes. */
const AGAIN_MS = 10_000;

export class Scene {
  incident = $state.raw<Incident | null>(null);
  private wanted: string | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly api: Api) {}

  start(): void {
    this.timer = setInterval(() => this.read(), AGAIN_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.wanted = null;
  }

  /** Looks at `incident` from now on, anew each time it is called. */
  want(incident: string | null): void {
    if (incident !== this.incident?.id) this.incident = null;
    this.wanted = incident;
    this.read();
  }

  private read(): void {
    const wanted = this.wanted;
    if (wanted === null) return;
    this.api.get<Incident>(`/api/incidents/${encodeURIComponent(wanted)}`).then(
      (incident) => {
        if (this.wanted === wanted) this.incident = incident;
      },
      () => undefined, // the order itself is pushed; this is beside it
    );
  }
}
