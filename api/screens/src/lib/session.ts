/**
 * The websocket session as a pure machine: inputs in, state and effects out. It knows no socket and no clock.
 *
 * What holds: each frame is applied once and in order; every applied frame is confirmed with `received`; an act stays
 * queued until its result came, and is sent again after a reconnect, or by the next page (`keeping.ts`), with the same
 * `ref`; a gap in the numbers is never
 * papered over, it asks for the whole state again.
 */
import type { Act, Check, ClientFrame, Flood, Incident, Order, ServerFrame } from "./contract";
import type { Said } from "./refusal";

/** Beats come every 5 s: two missed and a little patience mean that the line is dead though the socket is not. */
export const SILENCE_MS = 12_000;
/** A server that neither takes the connection nor says welcome within this is tried anew. */
export const GREETING_MS = 8_000;

const BACKOFF_MS = [300, 1_000, 2_000, 4_000, 8_000];

export type Phase = "connecting" | "greeting" | "live" | "waiting" | "refused";

export interface Session {
  phase: Phase;
  token: string;
  stream: string | null;
  /** Last frame number applied; null before the first welcome. */
  after: number | null;
  /** Acts without a result yet, oldest first. */
  queue: Act[];
  /** Failed attempts since the last welcome. */
  attempts: number;
  /** Milliseconds of the adapter's monotonic clock at which something last arrived. */
  heardAt: number | null;
  /** The same clock when the connection under way was begun. */
  begunAt: number;
  /** Number a beat told of that had not arrived by then; it may be on its way until the next beat. */
  awaited: number | null;
  refusal: string | null;
}

export type Input =
  | { type: "opened" }
  | { type: "frame"; frame: ServerFrame; at: number }
  | { type: "closed"; code: number }
  | { type: "retry"; at: number }
  | { type: "tick"; at: number }
  | { type: "act"; act: Act };

export type Effect =
  | { type: "connect" }
  | { type: "send"; frame: ClientFrame }
  | { type: "hang_up" }
  | { type: "retry_in"; ms: number }
  | { type: "state"; open: Order[]; resumed: boolean }
  | { type: "order"; order: Order }
  /** Orders that are another's, as a welcome has them: null where there are none to be shown. */
  | { type: "shown"; orders: Order[] | null }
  | { type: "incident"; incident: Incident }
  /** The duty checks that wait for an answer: of a welcome, all of them. */
  | { type: "checks"; checks: Check[] }
  | { type: "check"; check: Check }
  /** Null: of a welcome that tells of none. */
  | { type: "flood"; flood: Flood | null }
  | { type: "server_time"; time: string }
  | { type: "result"; act: Act; ok: boolean; refusal: Said | null }
  | { type: "refused"; error: string };

export type Step = [Session, Effect[]];

/** `queue`: acts that waited when the page was last left, oldest first. */
export function begin(token: string, at: number, queue: Act[] = []): Step {
  const session: Session = {
    phase: "connecting",
    token,
    stream: null,
    after: null,
    queue,
    attempts: 0,
    heardAt: null,
    begunAt: at,
    awaited: null,
    refusal: null,
  };
  return [session, [{ type: "connect" }]];
}

export function step(session: Session, input: Input): Step {
  switch (input.type) {
    case "opened":
      return [{ ...session, phase: "greeting" }, [{ type: "send", frame: hello(session) }]];
    case "frame":
      return onFrame({ ...session, heardAt: input.at }, input.frame);
    case "closed":
      return onClosed(session, input.code);
    case "retry":
      if (session.phase !== "waiting") return [session, []];
      return [{ ...session, phase: "connecting", begunAt: input.at }, [{ type: "connect" }]];
    case "tick":
      return isSilent(session, input.at) ? onClosed(session, 1006, [{ type: "hang_up" }]) : [session, []];
    case "act":
      return onAct(session, input.act);
  }
}

function hello(session: Session): ClientFrame {
  const known = session.stream !== null && session.after !== null;
  return known
    ? { type: "hello", token: session.token, stream: session.stream as string, after: session.after as number }
    : { type: "hello", token: session.token };
}

function isSilent(session: Session, at: number): boolean {
  if (session.phase === "live") return session.heardAt !== null && at - session.heardAt > SILENCE_MS;
  return (session.phase === "connecting" || session.phase === "greeting") && at - session.begunAt > GREETING_MS;
}

function onFrame(session: Session, frame: ServerFrame): Step {
  switch (frame.type) {
    case "welcome":
      return onWelcome(session, frame);
    case "order":
      return onNumbered(session, frame.seq, { type: "order", order: frame.order });
    case "incident":
      return onNumbered(session, frame.seq, { type: "incident", incident: frame.incident });
    case "duty_check":
      return [session, [{ type: "check", check: frame.check }]];
    case "flood":
      return [session, [{ type: "flood", flood: frame.flood }]];
    case "shown":
      return [session, [{ type: "order", order: frame.order }]];
    case "beat":
      return onBeat(session, frame.seq, frame.server_time);
    case "result":
      return onResult(session, frame);
    case "error":
      return [{ ...session, refusal: frame.error }, []];
    default:
      return onUnknown(session, frame);
  }
}

/** A newer server may say more than we know: what is numbered counts and is confirmed all the same. */
function onUnknown(session: Session, frame: { seq?: unknown }): Step {
  return typeof frame.seq === "number" ? onNumbered(session, frame.seq, null) : [session, []];
}

function onWelcome(session: Session, frame: Extract<ServerFrame, { type: "welcome" }>): Step {
  // resumed: what we missed is replayed as frames after ours, so our own number stays until they arrive
  const after = frame.resumed && session.after !== null ? session.after : frame.seq;
  const next: Session = {
    ...session,
    phase: "live",
    stream: frame.stream,
    after,
    attempts: 0,
    awaited: null,
    refusal: null,
  };
  const effects: Effect[] = [
    { type: "server_time", time: frame.server_time },
    { type: "state", open: frame.resumed ? [] : frame.open, resumed: frame.resumed },
    { type: "checks", checks: frame.checks ?? [] },
    { type: "flood", flood: frame.flood ?? null },
    { type: "shown", orders: frame.shown ?? null },
  ];
  if (!frame.resumed && frame.seq > 0) effects.push({ type: "send", frame: { type: "received", seq: frame.seq } });
  for (const act of session.queue) effects.push({ type: "send", frame: { type: "act", ...act } });
  return [next, effects];
}

function onNumbered(session: Session, seq: number, effect: Effect | null): Step {
  if (session.phase !== "live" || session.after === null) return [session, []];
  const received: Effect = { type: "send", frame: { type: "received", seq: Math.max(seq, session.after) } };
  if (seq <= session.after) return [session, [received]]; // a duplicate: confirmed again, applied never
  if (seq > session.after + 1) return startOver(session);
  return [{ ...session, after: seq }, effect === null ? [received] : [effect, received]];
}

function onBeat(session: Session, seq: number, time: string): Step {
  const effects: Effect[] = [{ type: "server_time", time }];
  if (session.phase !== "live" || session.after === null) return [session, effects];
  if (session.awaited !== null && session.after < session.awaited) {
    // told of a whole beat ago and still not here: on one ordered stream that is a loss
    const [next, more] = startOver(session);
    return [next, [...effects, ...more]];
  }
  return [{ ...session, awaited: seq > session.after ? seq : null }, effects];
}

function startOver(session: Session): Step {
  return onClosed({ ...session, stream: null, after: null, awaited: null }, 1006, [{ type: "hang_up" }]);
}

function onResult(session: Session, frame: Extract<ServerFrame, { type: "result" }>): Step {
  const act = session.queue.find((queued) => queued.ref === frame.ref);
  if (act === undefined) return [session, []];
  const effects: Effect[] = [];
  if (frame.order) effects.push({ type: "order", order: frame.order });
  const refusal = frame.ok ? null : { error: frame.error ?? "", code: frame.code, values: frame.values };
  effects.push({ type: "result", act, ok: frame.ok, refusal });
  return [{ ...session, queue: session.queue.filter((queued) => queued !== act) }, effects];
}

function onClosed(session: Session, code: number, before: Effect[] = []): Step {
  if (session.phase === "refused" || session.phase === "waiting") return [session, before];
  if (code === 4401 || code === 4403) {
    const error = session.refusal ?? String(code);
    return [{ ...session, phase: "refused", refusal: error }, [...before, { type: "refused", error }]];
  }
  // 4400: what we last had is what the server could not take, so ask for the state instead
  const forget = code === 4400 ? { stream: null, after: null } : {};
  const ms = BACKOFF_MS[Math.min(session.attempts, BACKOFF_MS.length - 1)] as number;
  const next: Session = { ...session, ...forget, phase: "waiting", attempts: session.attempts + 1 };
  return [next, [...before, { type: "retry_in", ms }]];
}

function onAct(session: Session, act: Act): Step {
  if (session.queue.some((queued) => queued.ref === act.ref)) return [session, []];
  const next = { ...session, queue: [...session.queue, act] };
  return [next, session.phase === "live" ? [{ type: "send", frame: { type: "act", ...act } }] : []];
}
