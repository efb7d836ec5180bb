import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Announcer, LOOK_MS, PAUSE_MS, type Speaker } from "../src/lib/announce";

class Fake implements Speaker {
  spoken: string[] = [];
  cancelled = 0;
  mute = false;
  private ended: (() => void) | null = null;

  speak(text: string, language: string, ended: () => void): boolean {
    if (this.mute) return false;
    this.spoken.push(`${language} ${text}`);
    this.ended = ended;
    return true;
  }

  cancel(): void {
    this.cancelled++;
  }

  finish(): void {
    this.ended?.();
  }
}

let speaker: Fake;
let ducked: boolean[];
let announcer: Announcer;

beforeEach(() => {
  vi.useFakeTimers();
  speaker = new Fake();
  ducked = [];
  announcer = new Announcer(speaker, (on) => ducked.push(on));
});
afterEach(() => {
  vi.useRealTimers();
});

const fire = { id: "O-1", text: "火警。" };
const second = { id: "O-2", text: "二。" };

/** The voice ends, and after the pause the next is said. */
function round(): void {
  speaker.finish();
  vi.advanceTimersByTime(PAUSE_MS);
}

test("it is said at once and again after a pause, the siren stepping back while it is said", () => {
  announcer.want("zh", [fire]);
  expect(speaker.spoken).toEqual(["zh 火警。"]);
  expect(ducked).toEqual([true]);
  speaker.finish();
  expect(ducked).toEqual([true, false]);
  vi.advanceTimersByTime(PAUSE_MS - 1);
  expect(speaker.spoken).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(speaker.spoken).toHaveLength(2);
});

test("wanting the same again and again, as a page does with each tick, changes nothing", () => {
  for (let i = 0; i < 40; i++) announcer.want("zh", [fire]);
  expect(speaker.spoken).toHaveLength(1);
  speaker.finish();
  for (let i = 0; i < 40; i++) announcer.want("zh", [fire]);
  expect(speaker.spoken).toHaveLength(1);
});

test("acknowledged is silence at once", () => {
  announcer.want("zh", [fire]);
  announcer.want("zh", []);
  expect(speaker.cancelled).toBe(1);
  expect(ducked).toEqual([true, false]);
  vi.advanceTimersByTime(60_000);
  expect(speaker.spoken).toHaveLength(1);
});

test("several take turns, the most urgent first", () => {
  announcer.want("zh", [fire, second]);
  round();
  round();
  round();
  expect(speaker.spoken).toEqual(["zh 火警。", "zh 二。", "zh 火警。", "zh 二。"]);
});

test("a new one does not wait for the pause, nor cuts the one being said", () => {
  announcer.want("zh", [fire]);
  announcer.want("zh", [second, fire]);
  expect(speaker.spoken).toHaveLength(1);
  round();
  expect(speaker.spoken).toEqual(["zh 火警。", "zh 二。"]);
  speaker.finish();
  announcer.want("zh", [second, fire, { id: "O-3", text: "三。" }]);
  expect(speaker.spoken.at(-1)).toBe("zh 三。");
});

test("the one being said that is wanted no more is cut, and the next follows", () => {
  announcer.want("zh", [fire, second]);
  announcer.want("zh", [second]);
  expect(speaker.cancelled).toBe(1);
  expect(speaker.spoken.at(-1)).toBe("zh 二。");
});

test("without a voice the tone is alone, not stepping back, until there is one", () => {
  speaker.mute = true;
  announcer.want("zh", [fire]);
  expect(ducked).toEqual([]);
  vi.advanceTimersByTime(LOOK_MS * 3);
  expect(ducked).toEqual([]);
  speaker.mute = false;
  vi.advanceTimersByTime(LOOK_MS);
  expect(speaker.spoken).toEqual(["zh 火警。"]);
});

test("a browser that never says that it has ended does not silence what follows", () => {
  announcer.want("zh", [fire]);
  vi.advanceTimersByTime(60_000);
  expect(speaker.spoken.length).toBeGreaterThan(2);
  expect(ducked.at(-2)).not.toBe(ducked.at(-1));
});

test("an end that is told late belongs to what is over", () => {
  announcer.want("zh", [fire]);
  const late = speaker.finish.bind(speaker);
  announcer.want("zh", []);
  late();
  vi.advanceTimersByTime(60_000);
  expect(speaker.spoken).toHaveLength(1);
});
