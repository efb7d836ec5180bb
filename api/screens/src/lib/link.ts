/** The session's hands: one WebSocket, the browser's timers, the effects carried out. */
import type { ClientFrame, ServerFrame } from "./contract";
import type { Keeping } from "./keeping";
import { begin, step, type Effect, type Input, type Session } from "./session";

/** Effects a page cares for; the link itself keeps connect, send, hang_up and retry_in. */
export type News = Exclude<Effect, { type: "connect" | "send" | "hang_up" | "retry_in" }>;

export interface Link {
  act(input: Extract<Input, { type: "act" }>["act"]): void;
  /** Try again at once instead of waiting for the back-off. */
  retry(): void;
  stop(): void;
}

export interface Listener {
  news(effect: News): void;
  /** After every step, so that a page can show phase, silence and queue. */
  changed(session: Session): void;
}

export function address(location: Location): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}

/** `kept`: where acts wait for their result; those that waited before are sent first. */
export function open(token: string, listener: Listener, kept: Keeping, url = address(window.location)): Link {
  let socket: WebSocket | null = null;
  let session: Session;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => performance.now();

  function take(input: Input): void {
    const [next, effects] = step(session, input);
    // on the disk before it is on the wire: a page may be closed at any moment
    if (next.queue !== session.queue) kept.save(next.queue);
    session = next;
    for (const effect of effects) carryOut(effect);
    listener.changed(session);
  }

  function carryOut(effect: Effect): void {
    switch (effect.type) {
      case "connect":
        return connect();
      case "send":
        return send(effect.frame);
      case "hang_up":
        return hangUp();
      case "retry_in":
        clearTimeout(timer);
        timer = setTimeout(() => take({ type: "retry", at: now() }), effect.ms * (0.75 + Math.random() / 2));
        return;
      default:
        listener.news(effect);
    }
  }

  function connect(): void {
    hangUp();
    const fresh = new WebSocket(url);
    socket = fresh;
    // a socket given up must not speak for the one that followed it
    fresh.onopen = () => fresh === socket && take({ type: "opened" });
    fresh.onclose = (event) => fresh === socket && take({ type: "closed", code: event.code });
    fresh.onmessage = (event) => {
      const frame = fresh === socket ? parse(event.data) : null;
      if (frame) take({ type: "frame", frame, at: now() });
    };
  }

  function send(frame: ClientFrame): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  }

  function hangUp(): void {
    const old = socket;
    socket = null;
    old?.close();
  }

  const ticking = setInterval(() => take({ type: "tick", at: now() }), 1_000);
  const hurry = () => take({ type: "retry", at: now() });
  window.addEventListener("online", hurry);

  const [first, effects] = begin(token, now(), kept.load());
  session = first;
  for (const effect of effects) carryOut(effect);
  listener.changed(session);

  return {
    act: (act) => take({ type: "act", act }),
    retry: hurry,
    stop() {
      clearInterval(ticking);
      clearTimeout(timer);
      window.removeEventListener("online", hurry);
      hangUp();
    },
  };
}

function parse(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerFrame) : null;
  } catch {
    return null; // not ours; the numbers show a loss if it was
  }
}
