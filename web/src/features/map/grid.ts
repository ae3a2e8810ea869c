import type { Places } from './places';

/** Finds places by where they are: a grid of cells, each with the pictures in it. */
export class Grid {
  readonly #side: number;
  readonly #starts: Uint32Array; // of each cell's pictures in #members
  readonly #members: Uint32Array;

  /** All pictures, those of a cell after one another, cell after cell along each row. */
  get order(): Uint32Array {
    return this.#members;
  }

  constructor(readonly places: Places) {
    const n = places.length / 2;
    this.#side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 4))));
    const cells = this.#side * this.#side;
    const counts = new Uint32Array(cells + 1);
    const cell = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      cell[i] = this.#cell(places[2 * i + 1]!) * this.#side + this.#cell(places[2 * i]!);
      counts[cell[i]! + 1]!++;
    }
    for (let c = 0; c < cells; c++) counts[c + 1]! += counts[c]!;
    this.#starts = counts.slice();
    this.#members = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.#members[counts[cell[i]!]!++] = i;
  }

  #cell(v: number): number {
    return Math.max(0, Math.min(this.#side - 1, Math.floor(((v + 1) / 2) * this.#side)));
  }

  /** Calls `each` for the pictures in a rectangle, until it returns false. */
  within(left: number, top: number, right: number, bottom: number, each: (picture: number) => unknown): void {
    const [l, r, t, b] = [this.#cell(left), this.#cell(right), this.#cell(top), this.#cell(bottom)];
    for (let row = t; row <= b; row++) {
      for (let column = l; column <= r; column++) {
        const cell = row * this.#side + column;
        for (let k = this.#starts[cell]!; k < this.#starts[cell + 1]!; k++) {
          const i = this.#members[k]!;
          const x = this.places[2 * i]!;
          const y = this.places[2 * i + 1]!;
          if (x < left || x > right || y < top || y > bottom) continue;
          if (each(i) === false) return;
        }
      }
    }
  }

  /** Where the pictures of the cells that a rectangle touches are in `order`: from, to, from, to. */
  spans(left: number, top: number, right: number, bottom: number): number[] {
    if (right < -1 || left > 1 || bottom < -1 || top > 1) return [];
    const [l, r, t, b] = [this.#cell(left), this.#cell(right), this.#cell(top), this.#cell(bottom)];
    const spans: number[] = [];
    for (let row = t; row <= b; row++) {
      const from = this.#starts[row * this.#side + l]!;
      const to = this.#starts[row * this.#side + r + 1]!;
      if (from === to) continue;
      if (spans.at(-1) === from) spans[spans.length - 1] = to;
      else spans.push(from, to);
    }
    return spans;
  }

  /** Pictures in a rectangle, counted up to a limit. */
  count(left: number, top: number, right: number, bottom: number, limit: number): number {
    let n = 0;
    this.within(left, top, right, bottom, () => ++n < limit);
    return n;
  }

  /** The picture nearest to a place, no further than `reach`; -1 if there is none. */
  nearest(x: number, y: number, reach: number): number {
    let best = -1;
    let least = reach * reach;
    this.within(x - reach, y - reach, x + reach, y + reach, (i) => {
      const d = (this.places[2 * i]! - x) ** 2 + (this.places[2 * i + 1]! - y) ** 2;
      if (d <= least) {
        least = d;
        best = i;
      }
    });
    return best;
  }

  /** The pictures at the very place of one, itself among them. */
  stack(picture: number): number[] {
    const [x, y] = [this.places[2 * picture]!, this.places[2 * picture + 1]!];
    const all: number[] = [];
    this.within(x, y, x, y, (i) => void all.push(i));
    return all;
  }

  /** The `n` pictures nearest to one, the nearest first. */
  nearestOf(picture: number, n: number): number[] {
    const [x, y] = [this.places[2 * picture]!, this.places[2 * picture + 1]!];
    const far = (i: number) => (this.places[2 * i]! - x) ** 2 + (this.places[2 * i + 1]! - y) ** 2;
    for (let reach = 2 / this.#side; ; reach *= 2) {
      const found: number[] = [];
      this.within(x - reach, y - reach, x + reach, y + reach, (i) => {
        if (i !== picture) found.push(i);
      });
      const near = found.filter((i) => far(i) <= reach * reach);
      if (near.length < n && reach < 4) continue;
      return (near.length < n ? found : near).sort((a, b) => far(a) - far(b)).slice(0, n);
    }
  }

  /** The pictures inside a closed line of corners x, y. */
  inside(line: [number, number][]): number[] {
    const found: number[] = [];
    if (line.length < 3) return found;
    const xs = line.map((p) => p[0]);
    const ys = line.map((p) => p[1]);
    this.within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (i) => {
      if (encloses(line, this.places[2 * i]!, this.places[2 * i + 1]!)) found.push(i);
    });
    return found;
  }
}

/** Whether a point is inside a closed line, by how often a ray from it crosses the line. */
export function encloses(line: [number, number][], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [xi, yi] = line[i]!;
    const [xj, yj] = line[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
