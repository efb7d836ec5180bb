/** What people of a station said for themselves, counted. */
import type { Member, Order } from "./contract";
import type { Post } from "./posting";

export type Answer = Member["answer"];

export interface Said {
  going: number;
  there: number;
  cannot: number;
}

/** How many are on their way, are there, cannot come. */
export function count(order: Pick<Order, "members">): Said {
  const said: Said = { going: 0, there: 0, cannot: 0 };
  for (const { answer } of order.members ?? []) said[answer] += 1;
  return said;
}

/** What `person` said last: what waits on this phone comes before what the server knows. */
export function mine(order: Pick<Order, "id" | "members">, person: string, waiting: readonly Post[]): Answer | null {
  const said = waiting.filter(({ what, about }) => what === "member" && about === order.id).sort((a, b) => a.at - b.at).at(-1);
  if (said !== undefined) return (said.body as { answer: Answer }).answer;
  return (order.members ?? []).find((one) => one.person === person)?.answer ?? null;
}
