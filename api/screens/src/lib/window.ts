/** Which rows of a long list are in view. Pure; lengths in any one unit. */

/** Where each row begins, and behind the last one where all end. */
export function edges(heights: readonly number[]): Float64Array {
  const found = new Float64Array(heights.length + 1);
  heights.forEach((height, i) => (found[i + 1] = (found[i] as number) + height));
  return found;
}

/** From and up to which row anything lies between `top` and `bottom`, with `more` on either side. */
export function visible(at: Float64Array, top: number, bottom: number, more = 4): [from: number, to: number] {
  const rows = at.length - 1;
  const from = Math.max(0, Math.min(rows, first(at, top) - 1) - more);
  return [from, Math.min(rows, Math.max(from, first(at, bottom)) + more)];
}

/** The first edge that lies beyond `position`. */
function first(at: Float64Array, position: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
