import { describe, expect, test } from "vitest";
import type { Act, Check, Flood, ServerFrame } from "../src/lib/contract";
import { begin, GREETING_MS, SILENCE_MS, step, type Effect, type Input, type Session } from "../src/lib/session";
import { at, order } from "./orders";

const ACT: Act = { ref: "r-1", order: "O-000001", action: "acknowledge" };

/** Runs inputs through the machine; what came out is kept. */
class Run {
  session: Session;
  effects: Effect[];

  constructor() {
    [this.session, this.effects] = begin("token", 0);
  }

  feed(...inputs: Input[]): Effect[] {
    this.effects = [];
    for (const input of inputs) {
      const [next, effects] = step(this.session, input);
      this.session = next;
      this.effects.push(...effects);
    }
    return this.effects;
  }

  frame(frame: ServerFrame, time = 1_000): Effect[] {
    return this.feed({ type: "frame", frame, at: time });
  }

  sent(): object[] {
    return this.effects.flatMap((effect) => (effect.type === "send" ? [effect.frame] : []));
  }

  applied(): number {
    return this.effects.filter((effect) => effect.type === "order" || effect.type === "incident").length;
  }
}

const welcome = (over: object = {}): ServerFrame => ({
  type: "welcome",
  recipient: "station:ST-01",
  stream: "s1",
  seq: 17,
  server_time: at(0),
  resumed: false,
  open: [],
  ...over,
});
const frame = (seq: number): ServerFrame => ({ type: "order", seq, order: order({ id: `O-${seq}` }) });

function live(): Run {
  const run = new Run();
  run.feed({ type: "opened" });
  run.frame(welcome());
  return run;
}

describe("greeting", () => {
  test("connects at once and says hello without a place in a stream it does not know", () => {
    const run = new Run();
    expect(run.effects).toEqual([{ type: "connect" }]);
    run.feed({ type: "opened" });
    expect(run.sent()).toEqual([{ type: "hello", token: "token" }]);
  });

  test("takes the open orders of a fresh welcome as the state and confirms them", () => {
    const run = new Run();
    run.feed({ type: "opened" });
    run.frame(welcome({ open: [order()] }));
    expect(run.effects).toContainEqual({ type: "state", open: [order()], resumed: false });
    expect(run.sent()).toEqual([{ type: "received", seq: 17 }]);
    expect(run.session).toMatchObject({ phase: "live", after: 17, stream: "s1" });
  });

  test("a server that says nothing is tried anew", () => {
    const run = new Run();
    run.feed({ type: "opened" }, { type: "tick", at: GREETING_MS + 1 });
    expect(run.effects.map(({ type }) => type)).toEqual(["send", "hang_up", "retry_in"]);
    expect(run.session.phase).toBe("waiting");
  });
});

describe("frames", () => {
  test("each is applied once, in order, and confirmed", () => {
    const run = live();
    run.frame(frame(18));
    expect(run.applied()).toBe(1);
    expect(run.sent()).toEqual([{ type: "received", seq: 18 }]);
    run.frame(frame(19));
    expect(run.session.after).toBe(19);
  });

  test("a duplicate is confirmed again and not applied", () => {
    const run = live();
    run.frame(frame(18));
    run.frame(frame(18));
    expect(run.applied()).toBe(0);
    expect(run.sent()).toEqual([{ type: "received", seq: 18 }]);
    expect(run.session.after).toBe(18);
  });

  test("a gap is not papered over: the whole state is asked for", () => {
    const run = live();
    run.frame(frame(20));
    expect(run.applied()).toBe(0);
    expect(run.effects.map(({ type }) => type)).toEqual(["hang_up", "retry_in"]);
    run.feed({ type: "retry", at: 2_000 }, { type: "opened" });
    expect(run.sent()).toEqual([{ type: "hello", token: "token" }]);
  });

  test("a beat that tells of a frame which a whole beat later is still missing means a loss", () => {
    const run = live();
    run.frame({ type: "beat", server_time: at(5), seq: 18 });
    expect(run.session.phase).toBe("live");
    run.frame({ type: "beat", server_time: at(10), seq: 18 });
    expect(run.session).toMatchObject({ phase: "waiting", after: null });
  });

  test("a beat that overtakes its frame by a moment does no harm", () => {
    const run = live();
    run.frame({ type: "beat", server_time: at(5), seq: 18 });
    run.frame(frame(18));
    run.frame({ type: "beat", server_time: at(10), seq: 18 });
    expect(run.session.phase).toBe("live");
  });

  test("what a newer server says beyond the contract is ignored", () => {
    const run = live();
    const before = run.session.after;
    run.frame({ type: "weather" } as unknown as ServerFrame);
    expect(run.session.after).toBe(before);
    expect(run.effects).toEqual([]);
  });

  test("but what it numbers counts: it is confirmed, and the next frame follows it", () => {
    const run = live();
    const before = run.session.after as number;
    run.frame({ type: "tide", seq: before + 1, height: 2 } as unknown as ServerFrame);
    expect(run.session.after).toBe(before + 1);
    expect(run.effects).toEqual([{ type: "send", frame: { type: "received", seq: before + 1 } }]);
    run.frame(frame(before + 2));
    expect(run.session.after).toBe(before + 2);
    expect(run.session.phase).toBe("live");
  });
});

describe("what has no number", () => {
  const check = { id: "Q-000001", station: "ST-01", state: "open" } as Check;

  test("a duty check and a flood are told and not confirmed", () => {
    const run = live();
    expect(run.frame({ type: "duty_check", check })).toEqual([{ type: "check", check }]);
    const flood = { on: true } as Flood;
    expect(run.frame({ type: "flood", flood })).toEqual([{ type: "flood", flood }]);
    expect(run.session.after).toBe(17);
  });

  test("a welcome, resumed or not, tells the checks that wait and the flood there is", () => {
    const run = new Run();
    run.feed({ type: "opened" });
    run.frame(welcome({ checks: [check] }));
    expect(run.effects).toContainEqual({ type: "checks", checks: [check] });
    run.feed({ type: "closed", code: 1006 }, { type: "retry", at: 1 }, { type: "opened" });
    run.frame(welcome({ resumed: true }));
    expect(run.effects).toContainEqual({ type: "checks", checks: [] });
    expect(run.effects).toContainEqual({ type: "flood", flood: null });
  });
});

describe("connection lost and back", () => {
  test("resumes where it was: hello names stream and number, replayed frames are applied once", () => {
    const run = live();
    run.frame(frame(18));
    run.feed({ type: "closed", code: 1006 }, { type: "retry", at: 5_000 }, { type: "opened" });
    expect(run.sent()).toEqual([{ type: "hello", token: "token", stream: "s1", after: 18 }]);
    run.frame(welcome({ seq: 20, resumed: true, open: [order()] }));
    expect(run.session.after).toBe(18);
    expect(run.effects).toContainEqual({ type: "state", open: [], resumed: true });
    run.feed(...[19, 20].map((seq): Input => ({ type: "frame", frame: frame(seq), at: 6_000 })));
    expect(run.applied()).toBe(2);
    expect(run.session.after).toBe(20);
  });

  test("another stream starts over with the state", () => {
    const run = live();
    run.feed({ type: "closed", code: 1006 }, { type: "retry", at: 5_000 }, { type: "opened" });
    run.frame(welcome({ stream: "s2", seq: 3 }));
    expect(run.session).toMatchObject({ stream: "s2", after: 3 });
    run.frame(frame(4));
    expect(run.applied()).toBe(1);
  });

  test("silence for longer than two beats is a lost connection though the socket is open", () => {
    const run = live();
    run.feed({ type: "tick", at: 1_000 + SILENCE_MS - 1 });
    expect(run.session.phase).toBe("live");
    run.feed({ type: "tick", at: 1_000 + SILENCE_MS + 1 });
    expect(run.effects.map(({ type }) => type)).toEqual(["hang_up", "retry_in"]);
  });

  test("waits longer after each failure, up to a limit, and begins anew after a welcome", () => {
    const run = live();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      run.feed({ type: "closed", code: 1006 });
      waits.push(...run.effects.flatMap((effect) => (effect.type === "retry_in" ? [effect.ms] : [])));
      run.feed({ type: "retry", at: i });
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(10_000);
    run.feed({ type: "opened" });
    run.frame(welcome());
    run.feed({ type: "closed", code: 1006 });
    expect(run.effects).toEqual([{ type: "retry_in", ms: waits[0] }]);
  });

  test("one close is one retry, however often it is reported", () => {
    const run = live();
    run.feed({ type: "closed", code: 1006 }, { type: "closed", code: 1006 });
    expect(run.effects.filter(({ type }) => type === "retry_in")).toHaveLength(1);
  });

  test.each([4401, 4403])("a refusal with %i is final", (code) => {
    const run = live();
    run.frame({ type: "error", error: "who are you" });
    run.feed({ type: "closed", code });
    expect(run.effects).toEqual([{ type: "refused", error: "who are you" }]);
    expect(run.feed({ type: "retry", at: 1 })).toEqual([]);
  });

  test("after 4400 the next hello does not repeat what the server could not take", () => {
    const run = live();
    run.feed({ type: "closed", code: 4400 }, { type: "retry", at: 1 }, { type: "opened" });
    expect(run.sent()).toEqual([{ type: "hello", token: "token" }]);
  });
});

describe("acts", () => {
  test("are sent at once when live and stay queued until their result", () => {
    const run = live();
    run.feed({ type: "act", act: ACT });
    expect(run.sent()).toEqual([{ type: "act", ...ACT }]);
    expect(run.session.queue).toEqual([ACT]);
    run.frame({ type: "result", ref: "r-1", ok: true, order: order({ state: "acknowledged" }) });
    expect(run.session.queue).toEqual([]);
    expect(run.applied()).toBe(1);
  });

  test("pressed while the line is lost go out once it is back, under the same ref", () => {
    const run = live();
    run.feed({ type: "closed", code: 1006 }, { type: "act", act: ACT });
    expect(run.sent()).toEqual([]);
    run.feed({ type: "retry", at: 1 }, { type: "opened" });
    run.frame(welcome({ resumed: true }));
    expect(run.sent()).toContainEqual({ type: "act", ...ACT });
  });

  test("whose result was lost with the line are sent again, and a result is taken once", () => {
    const run = live();
    run.feed({ type: "act", act: ACT }, { type: "closed", code: 1006 }, { type: "retry", at: 1 }, { type: "opened" });
    run.frame(welcome({ resumed: true }));
    expect(run.sent()).toContainEqual({ type: "act", ...ACT });
    run.frame({ type: "result", ref: "r-1", ok: true });
    run.frame({ type: "result", ref: "r-1", ok: true });
    expect(run.effects).toEqual([]);
  });

  test("refused by the server leave the queue with the reason", () => {
    const run = live();
    run.feed({ type: "act", act: ACT });
    run.frame({ type: "result", ref: "r-1", ok: false, error: "not allowed", code: "state_forbids", values: { state: "closed" } });
    expect(run.effects).toEqual([{ type: "result", act: ACT, ok: false, refusal: { error: "not allowed", code: "state_forbids", values: { state: "closed" } } }]);
    expect(run.session.queue).toEqual([]);
  });

  test("with a known ref are not queued twice", () => {
    const run = live();
    run.feed({ type: "act", act: ACT }, { type: "act", act: ACT });
    expect(run.session.queue).toHaveLength(1);
  });
});
