import type { Layout } from './layout.svelte';
import { toScreen, type Size, type View } from './view';

/** A cluster's name at its centre, on the map. */
export type Label = { cluster: number; name: string; n: number; x: number; y: number };

/** Labels of the clusters that are in view, the largest first, and none over another. */
export function layLabels({ map, centres }: Layout, view: View, size: Size): Label[] {
  const boxes: [number, number, number][] = []; // the middle and the width of each
  return (map?.clusters ?? []).slice(0, 60).flatMap((c) => {
    const centre = centres.get(c.cluster);
    if (!centre) return [];
    const [px, py] = toScreen(view, size, ...centre);
    const wide = 16 + 7.5 * Math.min(24, c.center.name.length + 4);
    if (px < 0 || py < 0 || px > size.width || py > size.height) return [];
    if (boxes.some(([bx, by, bw]) => Math.abs(bx - px) < (bw + wide) / 2 && Math.abs(by - py) < 26)) return [];
    boxes.push([px, py, wide]);
    return [{ cluster: c.cluster, name: c.center.name, n: c.size, x: centre[0], y: centre[1] }];
  });
}
