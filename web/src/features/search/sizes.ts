import { recall } from '../../state/stored';

/** How large pictures are in a grid: the height of a row, unless the screen is narrow. */
export type Size = 'dense' | 'normal' | 'large';
export const heights: Record<Size, number> = { dense: 128, normal: 176, large: 240 };
const columns: Record<Size, number> = { dense: 4, normal: 3, large: 2 }; // of a narrow screen

/** The height of rows at a width: on a phone, that of three pictures of the usual shape beside one another. */
export function rowHeight(size: Size, width: number, gap: number, ratios: number[]): number {
  if (width > 640) return heights[size];
  const first = ratios.slice(0, 60).sort((a, b) => a - b);
  const usual = Math.min(1.6, Math.max(0.7, first[first.length >> 1] ?? 1));
  return (width - gap * (columns[size] - 1)) / columns[size] / usual;
}

export function readSize(): Size {
  const kept = recall('akin-size');
  return kept && kept in heights ? (kept as Size) : 'normal';
}
