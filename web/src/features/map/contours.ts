import type { Places } from './places';

/** How densely pictures lie, over a square around the map's middle. */
export type Field = {
  side: number; // of cells
  reach: number; // from the middle to an edge
  /** Of each cell the mean colour of the pictures around, as shares of the most, and the height in levels; row by row. */
  cells: Float32Array;
};

export const levels = 6;
const reach = 1.15;
const cellsAlong = 320;
const fewest = 24; // pictures: the density of less is that of chance

/**
 * The density of pictures as heights whose whole numbers are contours: a kernel density estimate, narrower the more
 * pictures there are, on a logarithmic scale from where the sparsest tenth of pictures lies to the densest. null where
 * there are too few pictures, or too few places, for a density to mean anything.
 */
export function fieldOf(places: Places, colours: Uint8Array): Field | null {
  const n = places.length / 2;
  if (n < fewest) return null;
  const side = cellsAlong;
  const cells = new Float32Array(4 * side * side);
  const cellOf = (v: number) => Math.max(0, Math.min(side - 1, Math.floor(((v + reach) / (2 * reach)) * side)));
  let taken = 0;
  for (let i = 0; i < n; i++) {
    const c = 4 * (cellOf(places[2 * i + 1]!) * side + cellOf(places[2 * i]!));
    cells[c]! += colours[3 * i]! / 255;
    cells[c + 1]! += colours[3 * i + 1]! / 255;
    cells[c + 2]! += colours[3 * i + 2]! / 255;
    if (cells[c + 3]!++ === 0) taken++;
  }
  if (taken < fewest / 2) return null;
  // In pixels of a window of the usual size 7 for a hundred thousand pictures, 20 for two hundred.
  blur(cells, side, 0.0085 * side * (1e5 / n) ** (1 / 6));

  const sample = Math.max(1, Math.floor(n / 5000));
  const found: number[] = [];
  for (let i = 0; i < n; i += sample)
    found.push(cells[4 * (cellOf(places[2 * i + 1]!) * side + cellOf(places[2 * i]!)) + 3]!);
  found.sort((a, b) => a - b);
  const low = found[Math.floor(found.length * 0.1)]!;
  const high = Math.max(found[Math.floor(found.length * 0.99)]!, 4 * low);
  const span = Math.log(high / low);
  for (let c = 0; c < cells.length; c += 4) {
    const density = cells[c + 3]!;
    if (density > 0) for (let k = 0; k < 3; k++) cells[c + k]! /= density;
    cells[c + 3] = Math.max(-2, ((levels - 1) * Math.log(Math.max(density, 1e-9) / low)) / span);
  }
  return { side, reach, cells };
}

/** Three means over a running window each way come near to a Gaussian of this standard deviation. */
function blur(cells: Float32Array, side: number, deviation: number) {
  const half = Math.max(1, Math.round((Math.sqrt(4 * deviation * deviation + 1) - 1) / 2));
  const line = new Float32Array(4 * side);
  for (let time = 0; time < 3; time++) {
    for (let k = 0; k < side; k++) {
      mean(cells, 4 * k * side, 4, side, half, line);
      mean(cells, 4 * k, 4 * side, side, half, line);
    }
  }
}

/** Replaces a line of cells by the mean around each; outside there is nothing. */
function mean(cells: Float32Array, first: number, step: number, n: number, half: number, line: Float32Array) {
  for (let k = 0; k < n; k++) for (let p = 0; p < 4; p++) line[4 * k + p] = cells[first + k * step + p]!;
  const share = 1 / (2 * half + 1);
  for (let p = 0; p < 4; p++) {
    let sum = 0;
    for (let k = 0; k < half; k++) sum += line[4 * k + p]!;
    for (let k = 0; k < n; k++) {
      if (k + half < n) sum += line[4 * (k + half) + p]!;
      if (k > half) sum -= line[4 * (k - half - 1) + p]!;
      cells[first + k * step + p] = Math.max(0, sum) * share;
    }
  }
}

/** How many pictures lie in a square of the map's unit, as a picture of the map sees it on average. */
export function crowdOf(places: Places): number {
  const n = places.length / 2;
  const side = Math.max(8, Math.min(400, Math.round(Math.sqrt(n / 2))));
  const counts = new Uint32Array(side * side);
  const cellOf = (v: number) => Math.max(0, Math.min(side - 1, Math.floor(((v + 1) / 2) * side)));
  for (let i = 0; i < n; i++) counts[cellOf(places[2 * i + 1]!) * side + cellOf(places[2 * i]!)]!++;
  let squares = 0;
  for (const c of counts) squares += c * c;
  return n ? (squares / n) * (side / 2) ** 2 : 0;
}
