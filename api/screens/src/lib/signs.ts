/** Which drawing and which colour stand for what. Solid red is for fire alone; shape and word always say it too. */
import type { Order } from "./contract";
import type { Drawing } from "./drawings";
import type { Standing } from "./clocks";

/** The look of a whole order or incident. */
export type Tint = "fire" | "electrical" | "prealarm" | "fault";

const TINTS: readonly Tint[] = ["fire", "electrical", "prealarm", "fault"];

export function tintOf(priority: number): Tint {
  return TINTS[priority - 1] ?? "fault";
}

const SIGNS: Record<Tint, Drawing> = { fire: "flame", electrical: "bolt", prealarm: "triangle", fault: "wrench" };

export function signOf(priority: number): Drawing {
  return SIGNS[tintOf(priority)];
}

export const STANDING_SIGNS: Record<Standing, Drawing> = {
  running: "clock",
  short: "clock",
  overdue: "triangle",
  met: "check",
  missed: "triangle",
  off: "clock",
};

const ALARM_SIGNS: Record<string, Drawing> = { fire: "flame", manual: "hand", prealarm: "triangle", arc: "bolt" };

export function alarmSign(kind: string): Drawing {
  if (kind in ALARM_SIGNS) return ALARM_SIGNS[kind] as Drawing;
  return ["residual", "cable_temperature", "overcurrent", "voltage"].includes(kind) ? "bolt" : "wrench";
}

/** What one hears for the most urgent unanswered order: a siren for danger, a warning below it, knocks to verify, a chime to be told. */
export function toneOf(order: Order): "siren" | "warning" | "verify" | "chime" {
  if (order.kind === "inform") return "chime";
  if (order.kind === "verify") return "verify";
  return order.priority === 1 ? "siren" : "warning";
}
