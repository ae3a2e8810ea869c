import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Pixels of red, green, blue and alpha, row after row. */
export type Pixels = { width: number; height: number; data: Uint8Array };

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Reads PNG as browsers write it: 8 bits a channel, RGB or RGBA, not interlaced. */
export function readPNG(file: Buffer): Pixels {
  if (!file.subarray(0, 8).equals(signature)) throw new Error('not a PNG file');
  const packed: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const kind = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
    if (kind === 'IDAT') packed.push(body);
    if (kind !== 'IHDR') continue;
    [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
    channels = { 2: 3, 6: 4 }[body[9]!] ?? 0;
    if (body[8] !== 8 || !channels || body[12] !== 0)
      throw new Error('a PNG file of a kind that browsers do not write');
  }
  const rows = inflateSync(Buffer.concat(packed));
  const wide = width * channels;
  for (let y = 0; y < height; y++) unfilter(rows, y * (wide + 1), wide, channels, y === 0);
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let y = 0, to = 0; y < height; y++) {
    const from = y * (wide + 1) + 1;
    if (channels === 4) data.set(rows.subarray(from, from + wide), 4 * y * width);
    else
      for (let i = from; i < from + wide; i += 3, to += 4) {
        data[to] = rows[i]!;
        data[to + 1] = rows[i + 1]!;
        data[to + 2] = rows[i + 2]!;
      }
  }
  return { width, height, data };
}

/** Undoes in place what the row that starts at `at` was packed by; the row above it is done. Screens are a million pixels. */
function unfilter(rows: Uint8Array, at: number, wide: number, channels: number, first: boolean) {
  const filter = rows[at]!;
  const [start, end, up] = [at + 1, at + 1 + wide, wide + 1];
  const left = start + channels; // what is before it has nothing to its left
  if (filter === 1) for (let i = left; i < end; i++) rows[i] = rows[i]! + rows[i - channels]!;
  if (filter === 2 && !first) for (let i = start; i < end; i++) rows[i] = rows[i]! + rows[i - up]!;
  if (filter === 3) {
    for (let i = start; i < end; i++) {
      const above = first ? 0 : rows[i - up]!;
      rows[i] = rows[i]! + (((i < left ? 0 : rows[i - channels]!) + above) >> 1);
    }
  }
  if (filter === 4) {
    for (let i = start; i < end; i++) {
      const above = first ? 0 : rows[i - up]!;
      const before = i < left ? 0 : rows[i - channels]!;
      const corner = first || i < left ? 0 : rows[i - up - channels]!;
      rows[i] = rows[i]! + paeth(before, above, corner);
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const a = Math.abs(up - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + up - 2 * corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Writes RGBA as it is, the colours below an alpha of 0 too. */
export function writePNG({ width, height, data }: Pixels): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6], 8);
  const rows = Buffer.alloc(height * (4 * width + 1));
  for (let y = 0; y < height; y++) rows.set(data.subarray(4 * y * width, 4 * (y + 1) * width), y * (4 * width + 1) + 1);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND')]);
}

function chunk(kind: string, body = Buffer.alloc(0)): Buffer {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(kind, 4, 'latin1');
  out.set(body, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}
