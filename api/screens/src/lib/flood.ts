/** A flood's numbers against what a page holds. Pure. */
import type { Flood, Incident } from "./contract";

/** Whether more incidents, exercises left out, are open than these: the frames about them are held back, the list has them. */
export function lacks(flood: Flood | null, held: Iterable<Pick<Incident, "state" | "drill">>): boolean {
  if (flood === null || !flood.on) return false;
  const open = Object.values(flood.open_incidents).reduce((sum, one) => sum + one, 0);
  let known = 0;
  for (const { state, drill } of held) if (state === "open" && !drill) known += 1;
  return known < open;
}
