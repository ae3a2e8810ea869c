export const calm = matchMedia('(prefers-reduced-motion: reduce)');

export const ease = (t: number) => (t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2);

/**
 * Calls `each` once a frame with the share of the time that has passed, then `done`; returns a function that ends it where
 * it is.
 */
export function play(milliseconds: number, each: (share: number) => void, done: () => void): () => void {
  const start = performance.now();
  let frame = 0;
  const step = (now: number) => {
    const share = Math.min(1, (now - start) / milliseconds);
    each(share);
    if (share < 1) frame = requestAnimationFrame(step);
    else done();
  };
  frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}
