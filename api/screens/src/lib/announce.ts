/** Who speaks when: the siren and the voice take turns, and so do several orders. It knows no browser. */
import type { Language } from "./strings";

export interface Saying {
  id: string;
  text: string;
}

export interface Speaker {
  /** Begins to speak and calls `ended` once, when it has ended or failed. False: there is no voice for the language. */
  speak(text: string, language: Language, ended: () => void): boolean;
  cancel(): void;
}

/** Silence of the voice between two sayings: the siren is heard then. */
export const PAUSE_MS = 2_500;
/** Without a voice it is looked for one again so often: browsers load theirs late. */
export const LOOK_MS = 3_000;
/** A browser may forget to say that speech has ended: it is taken for ended after so long. */
const LONGEST_MS = 8_000;
const LETTER_MS = 350;

export class Announcer {
  private wanted: readonly Saying[] = [];
  private language: Language = "zh";
  private current: Saying | null = null;
  /** When each was last said, by turns. */
  private readonly said = new Map<string, number>();
  private turn = 0;
  private serial = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `duck` is told when the voice begins and ends, so that the siren steps back. */
  constructor(
    private readonly speaker: Speaker,
    private readonly duck: (on: boolean) => void,
  ) {}

  /** What is to be said over and over from now on, the most urgent first; nothing is silence at once. */
  want(language: Language, wanted: readonly Saying[]): void {
    this.language = language;
    this.wanted = wanted;
    for (const id of this.said.keys()) if (!wanted.some((one) => one.id === id)) this.said.delete(id);
    if (this.current !== null && !wanted.some((one) => one.id === this.current?.id && one.text === this.current.text)) this.hush();
    if (wanted.length === 0) return this.wait(undefined);
    const fresh = wanted.some((one) => !this.said.has(one.id));
    if (this.current === null && (this.timer === undefined || (fresh && this.turn > 0))) this.next();
  }

  private next(): void {
    this.wait(undefined);
    const [one] = [...this.wanted].sort((a, b) => (this.said.get(a.id) ?? 0) - (this.said.get(b.id) ?? 0));
    if (one === undefined) return;
    const serial = ++this.serial;
    const began = this.speaker.speak(one.text, this.language, () => this.ended(serial));
    if (!began) return this.wait(LOOK_MS);
    if (serial !== this.serial) return; // it had ended before it returned
    this.said.set(one.id, ++this.turn);
    this.current = one;
    this.duck(true);
    this.wait(LONGEST_MS + one.text.length * LETTER_MS, () => this.ended(serial));
  }

  private ended(serial: number): void {
    if (serial !== this.serial) return;
    this.hush();
    if (this.wanted.length > 0) this.wait(PAUSE_MS);
  }

  private hush(): void {
    this.serial++;
    if (this.current !== null) {
      this.current = null;
      this.speaker.cancel();
      this.duck(false);
    }
    this.wait(undefined);
  }

  private wait(ms: number | undefined, then: () => void = () => this.next()): void {
    clearTimeout(this.timer);
    this.timer = ms === undefined ? undefined : setTimeout(then, ms);
  }
}
