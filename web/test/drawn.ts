// Pictures that tests draw, so that what is alike in them, and what is not, is known.
import type { Pixels } from './png.ts';

type Colour = [red: number, green: number, blue: number];

/** A picture of the colours at places from 0 to 1. */
export function painted(width: number, height: number, paint: (x: number, y: number) => Colour): Pixels {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(paint((x + 0.5) / width, (y + 0.5) / height), 4 * (y * width + x));
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** The picture at half its size: each pixel is the mean of four. */
export function halved({ width, height, data }: Pixels): Pixels {
  const small = { width: width >> 1, height: height >> 1, data: new Uint8Array(4 * (width >> 1) * (height >> 1)) };
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      for (let c = 0; c < 4; c++) {
        const at = (dx: number, dy: number) => data[4 * ((2 * y + dy) * width + 2 * x + dx) + c]!;
        small.data[4 * (y * small.width + x) + c] = Math.round((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4);
      }
    }
  }
  return small;
}

/** Numbers from 0 to 1, the same for a seed wherever they are drawn. */
function random(seed: number): () => number {
  return () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** A sun over hills, other ones for each seed. */
export function hills(seed: number): Pixels {
  const next = random(seed);
  const waves = Array.from({ length: 6 }, () => [9 * next(), 6.3 * next()]);
  const [sun, red, green] = [next(), next(), next()];
  return painted(480, 320, (x, y) => {
    if (Math.hypot(1.5 * (x - sun), y - 0.25) < 0.1) return [250, 220, 120];
    const ridge = waves.reduce((sum, [often, phase]) => sum + 0.06 * Math.sin(often! * x + phase!), 0.55);
    const high = y / ridge;
    if (high < 1) return [80 + 120 * high * red, 120 + 60 * high, 200 - 60 * high * green];
    return [40 + 60 * green, 90 + 40 * red, 50 + 20 * Math.sin(40 * x + 20 * y)];
  });
}

const digits: Record<string, string> = {
  1: '.#..#..#..#..#.',
  2: '###..#####..###',
  3: '###..####..####',
  4: '#.##.####..#..#',
  5: '####..###..####',
  6: '####..####.####',
  7: '###..#..#..#..#',
  8: '####.#####.####',
  9: '####.####..####',
};
export const ticketNumber = { left: 380, top: 40, size: 5 };

/** A ticket: of two, all is the same but the number on it. */
export function ticket(number: number, light = 0): Pixels {
  const { left, top, size } = ticketNumber;
  return painted(480, 320, (x, y) => {
    const [column, row] = [Math.floor((480 * x - left) / size), Math.floor((320 * y - top) / size)];
    const digit = digits[String(number)[Math.floor(column / 4)] ?? ''];
    if (digit && column % 4 < 3 && row >= 0 && row < 5 && digit[3 * row + (column % 4)] === '#') return [30, 30, 50];
    return [236 - 30 * x + light, 214 - 26 * y + light, 188 + 30 * y + light];
  });
}

/** A disc before two colours: another one for each seed. */
export function icon(side: number, seed: number): Pixels {
  const next = random(seed);
  const [back, front, disc] = Array.from({ length: 3 }, (): Colour => [255 * next(), 255 * next(), 255 * next()]);
  const cut = [(x: number) => x, (_: number, y: number) => y, (x: number, y: number) => x + y][seed % 3]!;
  return painted(side, side, (x, y) =>
    Math.hypot(x - 0.5, y - 0.5) < 0.25 ? disc! : cut(x, y) < 0.4 ? back! : front!,
  );
}
