import type { Layout } from './layout.svelte';
import { toMap, toScreen, type Size, type View } from './projection';

/** A label beside its cluster: named by words where the server found some, or by the central picture that it shows. */
export type Label = {
  cluster: number;
  name: string;
  picture: string;
  n: number;
  x: number; // of the cluster, on the map
  y: number;
  dx: number; // from there to the label's middle, in pixels
  dy: number;
  width: number;
};

export const labelHeight = 28;
const most = 40;

/**
 * Labels of the clusters in view, the largest first: each where it covers no other one and next to no picture, above its
 * cluster, below, or at a side. A cluster without such a place has none.
 */
export function layLabels({ map, centres, spreads, grid }: Layout, view: View, size: Size): Label[] {
  const boxes: [number, number, number][] = []; // the middle and the width of each
  const out: Label[] = [];
  for (const c of map?.clusters ?? []) {
    if (out.length >= most || !grid) break;
    const centre = centres.get(c.cluster);
    if (!centre) continue;
    const [px, py] = toScreen(view, size, ...centre);
    if (px < 0 || py < 0 || px > size.width || py > size.height) continue;
    const name = (c.words || c.center.name).replaceAll('_', ' ');
    const width = Math.round(46 + 7.2 * Math.min(20, name.length) + 7 * c.size.toLocaleString('en').length);
    const [rx, ry] = (spreads.get(c.cluster) ?? [0, 0]).map((v) => v * view.scale) as [number, number];
    const places: [number, number][] = [];
    for (const far of [1.9, 2.6]) {
      places.push(
        [0, -far * ry - 20],
        [0, far * ry + 20],
        [far * rx + width / 2 + 8, 0],
        [-far * rx - width / 2 - 8, 0],
      );
    }
    for (const [dx, dy] of places) {
      const [x, y] = [px + dx, py + dy];
      const [w, h] = [width / 2, labelHeight / 2];
      if (x - w < 4 || x + w > size.width - 4 || y - h < 56 || y + h > size.height - 4) continue;
      if (boxes.some(([bx, by, bw]) => Math.abs(bx - x) < (bw + width) / 2 + 4 && Math.abs(by - y) < labelHeight + 2))
        continue;
      const box = [...toMap(view, size, x - w, y - h), ...toMap(view, size, x + w, y + h)] as const;
      if (grid.count(...box, 13) > 12) continue;
      boxes.push([x, y, width]);
      out.push({
        cluster: c.cluster,
        name,
        picture: c.center.name,
        n: c.size,
        x: centre[0],
        y: centre[1],
        dx,
        dy,
        width,
      });
      break;
    }
  }
  return out;
}
