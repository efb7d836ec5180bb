/** Names for the codes of recipients, as far as the page may read them. */
import type { Api } from "./api";
import type { Person } from "./contract";
import type { District } from "./district.svelte";
import { whom } from "./orders";
import { t, word } from "./words.svelte";

interface Named {
  code: string;
  name: string;
}

/** Names change rarely; new people are known within this. */
const AGAIN_MS = 10 * 60_000;
const RETRY_MS = 5_000;
/** Duties over a station. */
const SERVING = new Set(["chief", "duty_officer", "crew"]);

export class Names {
  private everybody = $state.raw<readonly Person[]>([]);
  private readonly people = $derived(new Map(this.everybody.map(({ code, name }) => [code, name])));
  private timer: ReturnType<typeof setTimeout> | undefined;
  private places = $state.raw<ReadonlyMap<string, string>>(new Map());

  constructor(
    private readonly district: District,
    private readonly api: Api,
  ) {}

  start(): void {
    const named = (items: Named[]) => new Map(items.map(({ code, name }) => [code, name]));
    // without them the codes are shown
    this.readPeople();
    void this.api.all<Named>("/api/places?limit=500").then((items) => (this.places = named(items)), () => undefined);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Whom people call by this code. */
  person(code: string): string {
    return this.people.get(code) ?? code;
  }

  /** Who serves at the station, by code: those who may hand it over and take it over. */
  serving(station: string): string[] {
    const serves = ({ duties, station: own }: Person) =>
      own === station || duties.some(({ duty, scope }) => scope === station && SERVING.has(duty));
    return this.everybody.filter(serves).map(({ code }) => code);
  }

  private readPeople(): void {
    clearTimeout(this.timer);
    this.api.all<Person>("/api/people?limit=500").then(
      (items) => {
        this.everybody = items;
        this.timer = setTimeout(() => this.readPeople(), AGAIN_MS);
      },
      () => (this.timer = setTimeout(() => this.readPeople(), RETRY_MS)),
    );
  }

  /** Who `recipient` is, such as `station:ST-01`. */
  of(recipient: string): string {
    const [kind, code] = whom(recipient);
    switch (kind) {
      case "station":
        return this.district.station(code)?.name ?? code;
      case "person":
        return this.people.get(code) ?? code;
      case "place":
        return this.places.get(code) ?? code;
      case "control_room":
        return `${this.places.get(code) ?? code} ${t("who.control_room")}`;
      case "":
        return code === "" ? "" : code;
      default:
        return word("who", kind);
    }
  }
}
