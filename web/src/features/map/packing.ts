import type { Grid } from './grid';
import type { Size, View } from './projection';

/** A picture with room on the screen for its thumbnail: its place, and the largest side. */
export type Seen = { picture: number; x: number; y: number; side: number };

/**
 * Selects the pictures to show as thumbnails: without overlaps, at a size that most pictures in view could have.
 * Where there is no room for all, those with the highest rank come first.
 */
export function pack(grid: Grid, view: View, size: Size, rank: Float32Array): Seen[] {
  const [halfW, halfH] = [size.width / 2 / view.scale, size.height / 2 / view.scale];
  const box = [view.x - halfW, view.y - halfH, view.x + halfW, view.y + halfH] as const;
  const many = 6000;
  const n = grid.count(...box, many);
  if (n === 0 || n >= many) return [];
  const side = Math.min(64, 0.5 * Math.sqrt((size.width * size.height) / n));
  if (side < 15) return [];
  const inView: number[] = [];
  grid.within(...box, (i) => void inView.push(i));
  inView.sort((a, b) => rank[b]! - rank[a]!);
  const cell = side / 2;
  const taken = new Set<number>();
  const seen: Seen[] = [];
  for (const i of inView) {
    const x = (grid.places[2 * i]! - view.x) * view.scale + size.width / 2;
    const y = (grid.places[2 * i + 1]! - view.y) * view.scale + size.height / 2;
    const [l, r] = [Math.floor((x - side / 2) / cell), Math.floor((x + side / 2) / cell)];
    const [t, b] = [Math.floor((y - side / 2.6) / cell), Math.floor((y + side / 2.6) / cell)];
    let free = true;
    for (let c = l; c <= r && free; c++) for (let d = t; d <= b && free; d++) free = !taken.has(c * 65537 + d);
    if (!free) continue;
    for (let c = l; c <= r; c++) for (let d = t; d <= b; d++) taken.add(c * 65537 + d);
    seen.push({ picture: i, x, y, side });
    if (seen.length >= 900) break;
  }
  return seen;
}
