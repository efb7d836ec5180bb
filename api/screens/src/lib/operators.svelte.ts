/** Who sits in a control room: the names the registry has for it, who of them is on shift, and who presses now. */
import type { Api } from "./api";

interface Person {
  code: string;
  name: string;
  duties: { duty: string; scope: string }[];
}

export class Operators {
  /** Everybody whose duty it is to sit here; empty where the registry names nobody. */
  known = $state.raw<readonly Person[]>([]);
  onShift = $state<string[]>([]);
  /** Whoever presses next is recorded as this person; null where nobody is known. */
  active = $state<string | null>(null);
  private readonly kept: string;

  constructor(
    private readonly api: Api,
    private readonly place: string,
  ) {
    this.kept = `firegrid.operators.${place}`;
    const [shift = "", active = ""] = (localStorage.getItem(this.kept) ?? "").split("|");
    this.onShift = shift.split(" ").filter(Boolean);
    this.active = active || null;
  }

  async start(): Promise<void> {
    const people = await this.api.all<Person>("/api/people?limit=500").catch(() => []);
    this.known = people.filter(({ duties }) => duties.some(({ duty, scope }) => duty === "control_room" && scope === this.place));
    const codes = new Set(this.known.map(({ code }) => code));
    this.set(this.onShift.filter((code) => codes.has(code)), this.active);
  }

  name(code: string): string {
    return this.known.find((one) => one.code === code)?.name ?? code;
  }

  toggle(code: string): void {
    const shift = this.onShift.includes(code) ? this.onShift.filter((one) => one !== code) : [...this.onShift, code];
    this.set(shift, this.active);
  }

  press(code: string): void {
    this.set(this.onShift, code);
  }

  /** What a press carries so that the person is recorded. */
  signed(more: Record<string, unknown> = {}): { value: Record<string, unknown> } {
    return { value: this.active === null ? more : { ...more, person: this.active } };
  }

  private set(shift: string[], active: string | null): void {
    this.onShift = shift;
    this.active = active !== null && shift.includes(active) ? active : (shift[0] ?? null);
    localStorage.setItem(this.kept, `${shift.join(" ")}|${this.active ?? ""}`);
  }
}
