/** Sound by WebAudio: no file to fetch, nothing to decode, starts within a frame. */

export type Tone = "siren" | "warning" | "verify" | "chime" | "check" | "lost";

/** Whether the browser lets the page sound. */
export type Permission = "allowed" | "blocked";

interface Pattern {
  /** Seconds until it starts again. */
  period: number;
  /** Notes of the period: start and length in seconds, frequency from and to in hertz. */
  notes: readonly [start: number, length: number, from: number, to: number][];
  level: number;
}

// a sweep through 600-1500 Hz, where hearing is keenest and small speakers still carry (compare ISO 8201, EN 54-3)
const PATTERNS: Record<Tone, Pattern> = {
  siren: { period: 1.6, level: 0.5, notes: [[0, 0.8, 620, 1_480], [0.8, 0.8, 1_480, 620]] },
  warning: { period: 1.2, level: 0.4, notes: [[0, 0.22, 988, 988], [0.32, 0.22, 988, 988], [0.64, 0.22, 784, 784]] },
  // three rising knocks and a pause: neither the turnout siren next door nor a warning, so that ears know it asks "is it real?"
  verify: { period: 1.5, level: 0.5, notes: [[0, 0.16, 660, 660], [0.22, 0.16, 880, 880], [0.44, 0.3, 1_175, 1_175]] },
  chime: { period: 4, level: 0.3, notes: [[0, 0.35, 784, 784], [0.4, 0.7, 587, 587]] },
  // rises and falls back like a question: loud, and nothing like fire
  check: { period: 2.4, level: 0.4, notes: [[0, 0.16, 523, 523], [0.22, 0.16, 784, 784], [0.44, 0.4, 659, 659]] },
  lost: { period: 5, level: 0.4, notes: [[0, 0.5, 220, 220], [0.6, 0.5, 220, 220]] },
};

/** What is left of a tone's level beside a voice: 20 dB less. */
const DUCKED = 0.1;

export class Siren {
  private context: AudioContext | null = null;
  private out: GainNode | null = null;
  private tone: Tone | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private next = 0;
  private ducked = false;

  /** `changed` is told whenever the browser's permission may have changed. */
  constructor(private readonly changed: (permission: Permission) => void) {}

  /** Asks the browser for sound. Succeeds at once where it is allowed, else needs to run in a person's click or key. */
  async enable(): Promise<void> {
    this.context ??= this.create();
    // where it is not allowed, the promise stays open until it is: so do not wait for it
    void this.context.resume().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 60));
    this.changed(this.permission());
  }

  permission(): Permission {
    return this.context?.state === "running" ? "allowed" : "blocked";
  }

  /** Sounds `tone` over and over; null is silence, within 30 ms. */
  play(tone: Tone | null): void {
    if (tone === this.tone) return;
    this.tone = tone;
    this.cut();
    if (tone === null) return;
    this.next = 0;
    this.timer = setInterval(() => this.schedule(), 200);
    this.schedule();
  }

  /** Steps back while a voice speaks, within 30 ms. */
  duck(on: boolean): void {
    this.ducked = on;
    if (this.out === null || this.context === null || this.tone === null) return;
    this.out.gain.setTargetAtTime(this.level(PATTERNS[this.tone]), this.context.currentTime, 0.01);
  }

  private level(pattern: Pattern): number {
    return this.ducked ? pattern.level * DUCKED : pattern.level;
  }

  private create(): AudioContext {
    const context = new AudioContext();
    context.onstatechange = () => this.changed(this.permission());
    return context;
  }

  /** Keeps half a second of notes ahead, so that a busy page does not stutter. */
  private schedule(): void {
    const context = this.context;
    if (context === null || context.state !== "running" || this.tone === null) return;
    const pattern = PATTERNS[this.tone];
    if (this.out === null) {
      this.out = context.createGain();
      this.out.gain.value = this.level(pattern);
      this.out.connect(context.destination);
    }
    this.next = Math.max(this.next, context.currentTime + 0.02);
    while (this.next < context.currentTime + 0.5) {
      for (const note of pattern.notes) this.note(context, this.out, note);
      this.next += pattern.period;
    }
  }

  private note(context: AudioContext, out: GainNode, [start, length, from, to]: Pattern["notes"][number]): void {
    const at = this.next + start;
    const voice = context.createOscillator();
    const shape = context.createGain();
    voice.type = "square";
    voice.frequency.setValueAtTime(from, at);
    voice.frequency.exponentialRampToValueAtTime(to, at + length);
    // a soft edge of 12 ms: a hard one clicks
    shape.gain.setValueAtTime(0, at);
    shape.gain.linearRampToValueAtTime(1, at + 0.012);
    shape.gain.setValueAtTime(1, at + length - 0.012);
    shape.gain.linearRampToValueAtTime(0, at + length);
    voice.connect(shape).connect(out);
    voice.start(at);
    voice.stop(at + length);
  }

  private cut(): void {
    clearInterval(this.timer);
    const out = this.out;
    this.out = null;
    if (out === null || this.context === null) return;
    out.gain.setTargetAtTime(0, this.context.currentTime, 0.008);
    setTimeout(() => out.disconnect(), 60);
  }
}
