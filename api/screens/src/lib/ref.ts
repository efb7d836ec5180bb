/** A name for a press that no other press has. `randomUUID` exists only on https and localhost; a station's own net may be plain http. */
export function newRef(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
