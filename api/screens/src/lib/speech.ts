/** What the voice says of an order: what, where, which floor and room; so that nobody has to look up. */
import type { Order } from "./contract";
import { inside } from "./format";
import { isStuck } from "./orders";
import { isKey, say, type Language } from "./strings";

/** The sentence in `language`, such as "火警。柳巷3号楼，3层三零一。" */
export function announcement(language: Language, order: Order, now: number): string {
  const what = `priority.${order.priority}`;
  const sentences = [
    order.drill ? say(language, "drill.mark") : "",
    isStuck(order, now) || order.history.some(({ event }) => event === "acknowledged") ? say(language, "speech.stuck") : "",
    isKey(what) ? say(language, what) : "",
    where(language, order),
  ];
  const end = language === "zh" ? "。" : ". ";
  return sentences.filter(Boolean).map((text) => text + end).join("").trim();
}

function where(language: Language, order: Order): string {
  const place = order.place.name ?? order.place.address ?? say(language, "place.point");
  const spot = inside(language, order.place);
  if (language === "en") return [place, spot].filter(Boolean).join(", ");
  return [close(place), digits(close(spot))].filter(Boolean).join("，");
}

/** Without the blanks that only the eye needs: a voice would pause at them. */
function close(text: string): string {
  return text.replace(/(?<=[\p{Script=Han}\d])\s+(?=[\p{Script=Han}\d])/gu, "");
}

/** Numbers of rooms are said digit by digit: 三零一, not 三百零一. */
function digits(text: string): string {
  const spoken = say("zh", "speech.digits");
  return text.replace(/\d{3,}/g, (number) => [...number].map((digit) => spoken[Number(digit)]).join(""));
}
