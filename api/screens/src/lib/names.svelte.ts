/** Names for the codes of recipients, as far as the page may read them. */
import type { Api } from "./api";
import type { District } from "./district.svelte";
import { whom } from "./orders";
import { t, word } from "./words.svelte";

interface Named {
  code: string;
  name: string;
}

export class Names {
  private people = $state.raw<ReadonlyMap<string, string>>(new Map());
  private places = $state.raw<ReadonlyMap<string, string>>(new Map());

  constructor(
    private readonly district: District,
    private readonly api: Api,
  ) {}

  start(): void {
    const named = (items: Named[]) => new Map(items.map(({ code, name }) => [code, name]));
    // without them the codes are shown
    void this.api.all<Named>("/api/people?limit=500").then((items) => (this.people = named(items)), () => undefined);
    void this.api.all<Named>("/api/places?limit=500").then((items) => (this.places = named(items)), () => undefined);
  }

  /** Who `recipient` is, such as `station:ST-01`. */
  of(recipient: string): string {
    const [kind, code] = whom(recipient);
    switch (kind) {
      case "station":
        return this.district.station(code)?.name ?? code;
      case "person":
        return this.people.get(code) ?? code;
      case "control_room":
        return `${this.places.get(code) ?? code} ${t("who.control_room")}`;
      case "":
        return code === "" ? "" : code;
      default:
        return word("who", kind);
    }
  }
}
