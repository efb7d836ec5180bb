/** Letters as large as the room allows. */

const SMALLEST = 0.5;

/**
 * Keeps `--fit` on the element at the largest factor up to 1 with which its content is not cut off. Sizes inside are
 * `calc(… * var(--fit))`; measured again when element or content change.
 */
export function fit(element: HTMLElement): () => void {
  const measure = () => {
    let factor = 1;
    element.style.setProperty("--fit", "1");
    while (factor > SMALLEST && isCut(element)) {
      factor -= 0.04;
      element.style.setProperty("--fit", factor.toFixed(2));
    }
  };
  // in the next frame, not at once: an observer that changes what it observes is stopped by the browser
  let frame = 0;
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(measure);
  };
  const resized = new ResizeObserver(soon);
  const changed = new MutationObserver(soon);
  resized.observe(element);
  changed.observe(element, { childList: true, characterData: true, subtree: true });
  measure();
  return () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
    changed.disconnect();
  };
}

function isCut(element: HTMLElement): boolean {
  return element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
}
