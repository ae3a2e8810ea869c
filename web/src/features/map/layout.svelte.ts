import type { MapPicture, MapResult } from '../../api/types';
import { crowdOf } from './contours';
import { Grid } from './grid';
import { fitPlaces, turnTowards, type Places } from './places';

/** The pictures on the map, and their places. */
export class Layout {
  map = $state.raw<MapResult | null>(null);
  pictures = $state.raw<MapPicture[]>([]);
  /** Each picture's number, by its name. */
  readonly at = $derived(new Map(this.pictures.map((p, i) => [p.name, i])));
  places: Places = new Float32Array();
  grid: Grid | null = null;
  crowd = 0; // pictures in a square of the map's unit, as one of them sees it
  rank = new Float32Array(); // of each picture: the highest are shown first where there is no room for all
  centres = new Map<number, [number, number]>(); // of each cluster
  spreads = new Map<number, [number, number]>(); // standard deviations
  /** Several pictures, and none lies elsewhere than another. */
  readonly onePlace = $derived.by(() => {
    const [first, ...others] = this.pictures;
    return others.length > 0 && others.every((p) => p.x === first!.x && p.y === first!.y);
  });
  readonly folders = $derived.by(() => {
    const all = new Map<string, number>();
    for (const p of this.pictures) {
      const f = folderOf(p);
      all.set(f, (all.get(f) ?? 0) + 1);
    }
    return [...all.entries()].sort((a, b) => b[1] - a[1]).map(([path, n]) => ({ path, n }));
  });

  /** Takes another layout; returns the places that pictures move from. */
  take(result: MapResult): Places {
    const from = fitPlaces(result.pictures);
    let next: Places = from.slice();
    if (this.pictures.length) {
      const before = this.at;
      result.pictures.forEach((p, i) => {
        const at = before.get(p.name);
        if (at === undefined) return;
        from[2 * i] = this.places[2 * at]!;
        from[2 * i + 1] = this.places[2 * at + 1]!;
      });
      next = turnTowards(next, from);
    }
    this.map = result;
    this.pictures = result.pictures;
    this.places = next;
    this.grid = new Grid(next);
    this.crowd = crowdOf(next);
    this.centres = centresOf(result.pictures, next);
    this.spreads = spreadsOf(result.pictures, next, this.centres);
    const centers = new Set(result.clusters.map((c) => c.center.name));
    this.rank = Float32Array.from(result.pictures, (p, i) =>
      centers.has(p.name) ? 2 : ((i * 2654435761) >>> 0) / 2 ** 32,
    );
    return from;
  }

  inCluster(cluster: number): number[] {
    return this.pictures.flatMap((p, i) => (p.cluster === cluster ? [i] : []));
  }

  inFolder(path: string): number[] {
    return this.pictures.flatMap((p, i) => (folderOf(p) === path ? [i] : []));
  }
}

/** Whether there is a picture to show, not an imported embedding alone. */
export function hasFile({ source }: { source: string }): boolean {
  return !source.startsWith('import:');
}

export function folderOf({ source }: MapPicture): string {
  return source.slice(0, Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')));
}

function centresOf(pictures: MapPicture[], places: Places): Map<number, [number, number]> {
  const sums = new Map<number, [number, number, number]>(); // of x, of y, and the count
  pictures.forEach((p, i) => {
    if (!p.cluster) return;
    const sum = sums.get(p.cluster) ?? [0, 0, 0];
    sums.set(p.cluster, [sum[0] + places[2 * i]!, sum[1] + places[2 * i + 1]!, sum[2] + 1]);
  });
  return new Map([...sums].map(([cluster, [x, y, n]]) => [cluster, [x / n, y / n]]));
}

function spreadsOf(pictures: MapPicture[], places: Places, centres: Map<number, [number, number]>) {
  const sums = new Map<number, [number, number, number]>(); // of squares along x, along y, and the count
  pictures.forEach((p, i) => {
    const centre = centres.get(p.cluster);
    if (!centre) return;
    const sum = sums.get(p.cluster) ?? [0, 0, 0];
    sum[0] += (places[2 * i]! - centre[0]) ** 2;
    sum[1] += (places[2 * i + 1]! - centre[1]) ** 2;
    sum[2]++;
    sums.set(p.cluster, sum);
  });
  return new Map<number, [number, number]>(
    [...sums].map(([cluster, [x, y, n]]) => [cluster, [Math.sqrt(x / n), Math.sqrt(y / n)]]),
  );
}
