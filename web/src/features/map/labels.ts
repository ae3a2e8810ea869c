import type { Layout } from './layout.svelte';
import { toScreen, type Size, type View } from './projection';

/** A cluster at its centre, named by words where the server found some, or by its central picture. */
export type Label = { cluster: number; name: string; n: number; x: number; y: number };

/** Labels of the clusters in view, the largest first, without overlaps. */
export function layLabels({ map, centres }: Layout, view: View, size: Size): Label[] {
  const boxes: [number, number, number][] = []; // the middle and the width of each
  return (map?.clusters ?? []).slice(0, 60).flatMap((c) => {
    const centre = centres.get(c.cluster);
    if (!centre) return [];
    const [px, py] = toScreen(view, size, ...centre);
    const name = c.words || c.center.name;
    const wide = 16 + 7.5 * Math.min(24, name.length + 4);
    if (px < 0 || py < 0 || px > size.width || py > size.height) return [];
    if (boxes.some(([bx, by, bw]) => Math.abs(bx - px) < (bw + wide) / 2 && Math.abs(by - py) < 26)) return [];
    boxes.push([px, py, wide]);
    return [{ cluster: c.cluster, name, n: c.size, x: centre[0], y: centre[1] }];
  });
}
