// Contact sheets: all photographs of a state, small, side by side, for a person to look through.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Photograph } from './photograph.ts';
import { writePNG, type Pixels } from './png.ts';

const row = 150; // px high
const gap = 6;

/** The photograph as high as a row: each pixel is the mean of those that it stands for. */
export function small({ width, height, data }: Pixels, high = row): Pixels {
  const wide = Math.round((width * high) / height);
  const out = { width: wide, height: high, data: new Uint8Array(4 * wide * high) };
  for (let y = 0; y < high; y++) {
    const [y0, y1] = [Math.floor((y * height) / high), Math.floor(((y + 1) * height) / high)];
    for (let x = 0; x < wide; x++) {
      const [x0, x1] = [Math.floor((x * width) / wide), Math.floor(((x + 1) * width) / wide)];
      const sum = [0, 0, 0, 0];
      for (let v = y0; v < y1; v++) {
        for (let u = x0; u < x1; u++) for (let c = 0; c < 4; c++) sum[c]! += data[4 * (v * width + u) + c]!;
      }
      for (let c = 0; c < 4; c++) out.data[4 * (y * wide + x) + c] = sum[c]! / ((x1 - x0) * (y1 - y0));
    }
  }
  return out;
}

/** Rows of pictures on grey. */
function laid(rows: Pixels[][]): Pixels {
  const width = Math.max(...rows.map((r) => r.reduce((w, p) => w + p.width + gap, gap)));
  const height = rows.length * (row + gap) + gap;
  const data = new Uint8Array(4 * width * height).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  rows.forEach((pictures, k) => {
    let left = gap;
    for (const p of pictures) {
      for (let y = 0; y < p.height; y++)
        data.set(
          p.data.subarray(4 * y * p.width, 4 * (y + 1) * p.width),
          4 * ((k * (row + gap) + gap + y) * width + left),
        );
      left += p.width + gap;
    }
  });
  return { width, height, data };
}

type Label = { text: string; x: number; y: number };

/** A picture as a WebP file, with words on it. */
export async function webp(page: Page, pixels: Pixels, labels: Label[] = []): Promise<Buffer> {
  const encoded = await page.evaluate(
    async ({ png, labels }) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const pen = canvas.getContext('2d')!;
      pen.drawImage(picture, 0, 0);
      pen.font = '12px sans-serif';
      for (const { text, x, y } of labels) {
        pen.fillStyle = '#000c';
        pen.fillRect(x - 4, y - 13, pen.measureText(text).width + 8, 18);
        pen.fillStyle = '#fff';
        pen.fillText(text, x, y);
      }
      const file = new Uint8Array(
        await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.7 })).arrayBuffer(),
      );
      let text = '';
      for (const b of file) text += String.fromCharCode(b);
      return btoa(text);
    },
    { png: writePNG(pixels).toString('base64'), labels },
  );
  return Buffer.from(encoded, 'base64');
}

/** Writes a WebP file a state, a row a view, and a page that shows them all. */
export async function writeSheets(browser: Browser, folder: string, photographs: Photograph[]) {
  mkdirSync(folder, { recursive: true });
  const states = [...new Set(photographs.map((p) => p.state))];
  const page = await browser.newPage();
  const parts: string[] = [];
  for (const state of states) {
    const of = photographs.filter((p) => p.state === state);
    const views = [...new Set(of.map((p) => p.view))];
    const sheet = laid(views.map((v) => of.filter((p) => p.view === v).map((p) => p.pixels)));
    const name = `${state.replaceAll(' ', '-')}.webp`;
    writeFileSync(join(folder, name), await webp(page, sheet));
    parts.push(`<h2>${state}</h2><p>${views.join(', ')}</p><img src="${name}" width="${sheet.width}" alt="">`);
  }
  await page.close();
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>akin: contact sheet</title><body style="font: 14px sans-serif; background: #808080">${parts.join('\n')}\n`,
  );
}

/** One sheet of all views: as each opens, light, and in use, dark and on a phone; two views a row, with their names. */
export async function writeOverview(browser: Browser, file: string, photographs: Photograph[]) {
  const wanted = [
    ['as it opens', '1440', 'light'],
    ['full', '1440', 'dark'],
    ['full', '390', 'light'],
  ];
  const views = [...new Set(photographs.map((p) => p.view))];
  const strips = views.map((view) =>
    wanted.flatMap(([state, size, theme]) =>
      photographs.filter((p) => p.view === view && p.state === state && p.size === size && p.theme === theme),
    ),
  );
  const rows = strips.flatMap((s, i) => (i % 2 ? [] : [[...s, ...(strips[i + 1] ?? [])]]));
  const labels = rows.flatMap((pictures, k) => {
    let x = gap;
    return pictures.flatMap((p, i) => {
      const at = { text: p.view, x: x + 4, y: k * (row + gap) + gap + row - 4 };
      x += p.pixels.width + gap;
      return i % wanted.length === 0 ? [at] : [];
    });
  });
  const page = await browser.newPage();
  writeFileSync(file, await webp(page, laid(rows.map((pictures) => pictures.map((p) => p.pixels))), labels));
  await page.close();
}
