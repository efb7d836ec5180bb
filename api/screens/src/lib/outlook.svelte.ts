/** What is known of the district besides incidents, read every so often: places nobody reaches in time, each grid's risk,
 * what is closed and what is blacked out. */
import type { Api } from "./api";
import type { Blackout, Closure, Coverage, GridRisk, Risk, Uncovered } from "./outlook";

const COVERAGE_MS = 10_000;
const RISK_MS = 60_000;
/** Places out of reach that are shown at most; with more the counts by grid say it. */
const MOST = 5_000;

export class Outlook {
  coverage = $state.raw<Coverage | null>(null);
  uncovered = $state.raw<readonly Uncovered[]>([]);
  risk = $state.raw<Risk | null>(null);
  closures = $state.raw<readonly Closure[]>([]);
  blackouts = $state.raw<readonly Blackout[]>([]);
  private readonly timers: ReturnType<typeof setInterval>[] = [];

  constructor(private readonly api: Api) {}

  start(): void {
    const coverage = () => void this.readCoverage().catch(() => undefined);
    const risk = () => void this.readRisk().catch(() => undefined);
    const restrictions = () => void this.readRestrictions().catch(() => undefined);
    for (const read of [coverage, risk, restrictions]) read();
    this.timers.push(setInterval(coverage, COVERAGE_MS), setInterval(risk, RISK_MS), setInterval(restrictions, RISK_MS));
  }

  stop(): void {
    this.timers.forEach(clearInterval);
  }

  riskOf(grid: string): GridRisk | undefined {
    return this.risk?.items.find(({ code }) => code === grid);
  }

  /** Closures and blackouts as they stand now. */
  async readRestrictions(): Promise<void> {
    this.closures = await this.api.all<Closure>("/api/closures?limit=500");
    this.blackouts = await this.api.all<Blackout>("/api/blackouts?limit=500");
  }

  private async readCoverage(): Promise<void> {
    const first = await this.api.get<Coverage>("/api/coverage?limit=500");
    const places = [...first.uncovered];
    for (let next = first.next; next !== null && places.length < MOST; ) {
      const more = await this.api.get<Coverage>(`/api/coverage?limit=500&cursor=${encodeURIComponent(next)}`);
      places.push(...more.uncovered);
      next = more.next;
    }
    this.coverage = first;
    this.uncovered = places;
  }

  private async readRisk(): Promise<void> {
    this.risk = await this.api.get<Risk>("/api/risk");
  }
}
