/** Every word on the screens: `[Chinese, English]`, by DOMAIN section 4. `{name}` is filled in by the caller. */
import { admin } from "./strings/admin";
import { alarms } from "./strings/alarms";
import { centre } from "./strings/centre";
import { command } from "./strings/command";
import { district } from "./strings/district";
import { control } from "./strings/control";
import { leader } from "./strings/leader";
import { member } from "./strings/member";
import { orders } from "./strings/orders";
import { phone } from "./strings/phone";
import { photos } from "./strings/photos";
import { incident } from "./strings/incident";
import { papers } from "./strings/papers";
import { places } from "./strings/places";
import { refusals } from "./strings/refusals";
import { shell } from "./strings/shell";
import { station } from "./strings/station";
import { story } from "./strings/story";

export const STRINGS = {
  ...shell,
  ...orders,
  ...centre,
  ...alarms,
  ...places,
  ...photos,
  ...phone,
  ...member,
  ...station,
  ...leader,
  ...command,
  ...district,
  ...control,
  ...incident,
  ...papers,
  ...refusals,
  ...admin,
  ...story,
} as const satisfies Record<string, readonly [string, string]>;

export type Key = keyof typeof STRINGS;
export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The string for `key` with its `{names}` filled in. */
export function say(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  const text = STRINGS[key][LANGUAGES.indexOf(language)] as string;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** Whether a code that came from the server has a string under `prefix`. */
export function isKey(key: string): key is Key {
  return Object.hasOwn(STRINGS, key);
}
