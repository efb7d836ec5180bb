/** What people call the policy's tiers, rules and periods; their names where the policy cannot be read. */
import type { Api } from "./api";
import { words } from "./words.svelte";

interface Titled {
  name: string;
  title?: Record<string, string>;
}

type Kind = "tiers" | "rules" | "periods";

export class Titles {
  private policy = $state.raw<Record<Kind, Titled[]> | null>(null);

  constructor(private readonly api: Api) {}

  start(): void {
    this.api.get<Record<Kind, Titled[]>>("/api/policy").then((policy) => (this.policy = policy), () => undefined);
  }

  of(kind: Kind, name: string): string {
    return this.policy?.[kind]?.find((one) => one.name === name)?.title?.[words.language] ?? name;
  }
}
