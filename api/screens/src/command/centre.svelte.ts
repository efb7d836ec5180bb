/** What all rooms of the command page share: the line, the district, who is who, what is shown and within which grid. */
import { Alert } from "../lib/alert.svelte";
import type { Flood, Incident, Me, Station } from "../lib/contract";
import { District } from "../lib/district.svelte";
import { Duty } from "../lib/duty.svelte";
import { Layers } from "../lib/layers.svelte";
import { Names } from "../lib/names.svelte";
import { rankIncidents } from "../lib/orders";
import { Outlook } from "../lib/outlook.svelte";
import { below, within } from "../lib/scope";

export class Centre {
  readonly duty: Duty;
  readonly district: District;
  readonly names: Names;
  readonly outlook: Outlook;
  readonly alert = new Alert();
  readonly layers = new Layers();
  /** The grid the whole page is held to; null: everything. */
  grid = $state<string | null>(null);

  readonly inside = $derived.by(() => below(this.district.grids, this.grid));
  /** Open incidents within the grid, the gravest first. */
  readonly open: Incident[] = $derived.by(() =>
    rankIncidents([...this.duty.incidents.values()].filter((one) => one.state === "open" && within(this.inside, one.grid))),
  );
  readonly stations: readonly Station[] = $derived.by(() => this.district.stations.filter((one) => within(this.inside, one.grid)));

  constructor(token: string, me: Me) {
    this.duty = new Duty(token, me, { incidents: true, orders: false });
    this.district = new District(this.duty.api);
    this.names = new Names(this.district, this.duty.api);
    this.outlook = new Outlook(this.duty.api);
  }

  /** What is open in numbers while more alarms come than people can answer. */
  get flood(): Flood | null {
    return this.duty.flood;
  }

  get mayAct(): boolean {
    return this.duty.me.role !== "viewer";
  }

  start(): () => void {
    const silence = this.alert.start();
    this.district.start();
    this.names.start();
    this.duty.start();
    this.outlook.start();
    return () => {
      silence();
      this.district.stop();
      this.duty.stop();
      this.outlook.stop();
    };
  }
}
