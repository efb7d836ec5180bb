/** Which of an incident's warnings still need a person: what somebody has answered, and what is over, needs none. */
import { isOver } from "./clocks";
import type { Incident, Warning } from "./contract";
import { isWaiting } from "./orders";

export function standing(incident: Incident): Warning[] {
  if (isOver(incident)) return [];
  return (incident.warnings ?? []).filter((warning) => needed(incident, warning));
}

/** The same by sort, each with whom it is about, once. */
export function gathered(incident: Incident): { code: string; recipients: string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { code, recipient } of standing(incident)) {
    const about = found.get(code) ?? new Set();
    if (recipient) about.add(recipient);
    found.set(code, about);
  }
  return [...found].map(([code, about]) => ({ code, recipients: [...about] }));
}

function needed(incident: Incident, { code, order }: Warning): boolean {
  switch (code) {
    case "no_screen":
    case "no_fallback": {
      const about = incident.orders.find(({ id }) => id === order);
      return about === undefined || isWaiting(about) || about.state === "lapsed";
    }
    case "brigade_not_told":
      return !incident.brigade?.reported_at;
    case "contradiction":
    case "false_from_afar":
      return incident.verdict === null;
    default:
      return true;
  }
}
