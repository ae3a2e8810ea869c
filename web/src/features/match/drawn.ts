/** A box [x, y, width, height] in words, in whole pixels. */
export function boxText(box: readonly number[]): string {
  const [x = 0, y = 0, width = 0, height = 0] = box.map(Math.round);
  return `${width} × ${height} at ${x}, ${y}`;
}

/** How many matches are expected by chance. Below a millionth the model is less sure than its numbers. */
export function chanceText(expected: number): string {
  return expected < 1e-6 ? 'less than 0.000001' : expected.toPrecision(2);
}

/** Every nth of some lines, so that at most so many are drawn. */
export function thinned<T>(lines: readonly T[], most: number): T[] {
  const step = Math.max(1, Math.ceil(lines.length / most));
  return lines.filter((_, i) => i % step === 0);
}

/**
 * The matrix of CSS that lays one picture, drawn in its own pixels, on another one, of whose pixels one is `scale` wide.
 * `t` maps x, y and 1 of the first to a multiple of x, y and 1 of the second.
 */
export function laidOn(t: readonly (readonly number[])[], scale: number): string {
  const v = (row: number, column: number) => (t[row]?.[column] ?? 0) * (row < 2 ? scale : 1);
  const m = [v(0, 0), v(1, 0), 0, v(2, 0), v(0, 1), v(1, 1), 0, v(2, 1), 0, 0, 1, 0, v(0, 2), v(1, 2), 0, v(2, 2)];
  return `matrix3d(${m.join(', ')})`;
}

export type Placed = { x: number; y: number; width: number; height: number; scale: number };

/** Two pictures side by side, of one height, or one above the other, of one width; and the size of both together. */
export function sideBySide(sizes: readonly { width: number; height: number }[], above: boolean, gap: number) {
  const placed: Placed[] = [];
  let at = 0;
  for (const s of sizes) {
    const scale = 1000 / (above ? s.width : s.height);
    const width = s.width * scale;
    const height = s.height * scale;
    placed.push(above ? { x: 0, y: at, width, height, scale } : { x: at, y: 0, width, height, scale });
    at += (above ? height : width) + gap;
  }
  at -= gap;
  return { placed, width: above ? 1000 : at, height: above ? at : 1000 };
}
