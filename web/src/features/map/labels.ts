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

/** A part of the screen. */
export type Box = { left: number; top: number; right: number; bottom: number };

export const labelHeight = 28;
const most = 40;
const crowded = 18; // labels, where not all find a place that is clear
const few = 12; // points below a label, that it may cover
const edge = 4; // of the screen, and between labels

/** What a label covers, drawn in a view. */
export function boxOf(l: Label, view: View, size: Size): Box {
  const [px, py] = toScreen(view, size, l.x, l.y);
  const [x, y] = [px + l.dx, py + l.dy];
  return { left: x - l.width / 2, right: x + l.width / 2, top: y - labelHeight / 2, bottom: y + labelHeight / 2 };
}

export function overlap(a: Box, b: Box, apart = 0): boolean {
  return a.left < b.right + apart && b.left < a.right + apart && a.top < b.bottom + apart && b.top < a.bottom + apart;
}

/**
 * Labels of the clusters in view, the largest first: each where it covers no other one, nothing of what is `taken`, as by
 * tools and thumbnails, and next to no point, around its cluster; on the side where it was before, if there is room. Where
 * clusters lie too close for that, some of the largest have their labels where the fewest points are below.
 */
export function layLabels(
  { map, centres, spreads, grid }: Layout,
  view: View,
  size: Size,
  taken: Box[],
  before: Label[],
): Label[] {
  if (!grid) return [];
  const boxes = [...taken];
  const out: Label[] = [];
  const without: Label[][] = []; // of clusters that found no room, what they tried
  const old = new Map(before.map((l) => [l.cluster, l]));
  const points = (box: Box, limit: number) =>
    grid.count(...toMap(view, size, box.left, box.top), ...toMap(view, size, box.right, box.bottom), limit);
  const free = (box: Box) =>
    box.left > edge &&
    box.right < size.width - edge &&
    box.top > edge &&
    box.bottom < size.height - edge &&
    !boxes.some((other) => overlap(box, other, edge));
  const put = (label: Label) => {
    boxes.push(boxOf(label, view, size));
    out.push(label);
  };
  for (const c of map?.clusters ?? []) {
    if (out.length >= most) break;
    const centre = centres.get(c.cluster);
    if (!centre) continue;
    const [px, py] = toScreen(view, size, ...centre);
    if (px < 0 || py < 0 || px > size.width || py > size.height) continue;
    const name = (c.words || c.center.name).replaceAll('_', ' ');
    const width = Math.round(46 + 7.2 * Math.min(20, name.length) + 7 * c.size.toLocaleString('en').length);
    const spread = (spreads.get(c.cluster) ?? [0, 0]).map((v) => v * view.scale) as [number, number];
    const places = placesAround(spread, width);
    const last = old.get(c.cluster);
    if (last) places.sort((a, b) => side(a, last) - side(b, last));
    const tries = places.map(([dx, dy]): Label => ({
      cluster: c.cluster,
      name,
      picture: c.center.name,
      n: c.size,
      x: centre[0],
      y: centre[1],
      dx,
      dy,
      width,
    }));
    const found = tries.find((l) => {
      const box = boxOf(l, view, size);
      return free(box) && points(box, few + 1) <= few;
    });
    if (found) put(found);
    else without.push(tries);
  }
  for (const tries of without.slice(0, crowded)) {
    if (out.length >= crowded) break;
    const possible = tries.filter((l) => free(boxOf(l, view, size)));
    const below = possible.map((l) => points(boxOf(l, view, size), 1000));
    const best = possible[below.indexOf(Math.min(...below))];
    if (best) put(best);
  }
  return out;
}

/** Middles of a label around a cluster, the best first, from the cluster's: above, below, beside, at the corners. */
function placesAround([rx, ry]: [number, number], width: number): [number, number][] {
  const places: [number, number][] = [];
  for (const far of [1.6, 2.1, 2.7]) {
    const [x, y] = [far * rx + width / 2 + 8, far * ry + 20];
    const corner = [0.7 * far * rx + width / 2, 0.7 * far * ry + 16] as const;
    places.push([0, -y], [0, y], [x, 0], [-x, 0]);
    for (const [h, v] of [
      [1, -1],
      [-1, -1],
      [1, 1],
      [-1, 1],
    ] as const)
      places.push([h * corner[0], v * corner[1]]);
  }
  return places;
}

/** 0 where a place is on the side of its cluster on which a label was, 1 where it is not. */
function side([dx, dy]: [number, number], was: Label): number {
  return Number(Math.sign(dx) !== Math.sign(was.dx) || Math.sign(dy) !== Math.sign(was.dy));
}
