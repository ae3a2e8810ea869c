import assert from 'node:assert/strict';
import type { Page } from './browser.ts';
import { readPNG, type Pixels } from './png.ts';

type Colour = [number, number, number];
type Cell = { x: number; y: number; width: number; height: number; mean: Colour };
type Shown = { name: string; fault: string; cells: Cell[] };

/** What cannot be seen of the pictures in view, and their names, on a screenshot of the page as it is. */
export async function unseen(page: Page, screen: Pixels): Promise<{ names: string[]; faults: string[] }> {
  const shown = await page.evaluate(inView);
  return { names: shown.map((s) => s.name), faults: shown.flatMap((s) => faultOf(s, screen)) };
}

/**
 * Fails where a picture in view cannot be seen: each must be loaded, opaque, and on the screen what its file holds.
 * Gives their names. What has to load or fade in has five seconds for it.
 */
export async function seen(page: Page, least = 1): Promise<string[]> {
  const until = Date.now() + 5000;
  for (;;) {
    const { names, faults } = await unseen(page, readPNG(await page.screenshot()));
    if (names.length < least) faults.push(`${names.length} pictures in view, not ${least}`);
    if (!faults.length) return names;
    if (Date.now() > until) assert.fail(`of ${names.length} pictures in view: ${faults.slice(0, 6).join('; ')}`);
    await page.waitForTimeout(100);
  }
}

/** The pictures that nothing covers, and what each of their parts should look like. Runs in the page. */
function inView(): Shown[] {
  const parts = 3;
  const shown: Shown[] = [];
  for (const img of document.images) {
    if (img.classList.contains('over')) continue; // heat: to be seen through
    const r = img.getBoundingClientRect();
    const middle = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
    if (!r.width || !middle?.contains(img)) continue; // of one that is not loaded only its frame is there
    const heat = img.parentElement?.querySelector(':scope > img.over'); // which changes its colours
    const onTop = (x: number, y: number) => !heat && document.elementFromPoint(x, y) === img;
    const name = new URL(img.src).searchParams.get('name') ?? img.src.slice(-40);
    let opacity = 1;
    for (let e: Element | null = img; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    let fault = '';
    if (!img.complete || !img.naturalWidth) fault = 'not loaded';
    else if (opacity !== 1) fault = `of opacity ${opacity}`;
    else if (getComputedStyle(img).visibility !== 'visible') fault = 'hidden';
    const cells: Cell[] = [];
    if (!fault) {
      const canvas = new OffscreenCanvas(Math.round(r.width), Math.round(r.height));
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      context.imageSmoothingQuality = 'high';
      // Where it lies between pixels: thin stripes look otherwise half a pixel on.
      context.drawImage(img, r.x - Math.round(r.x), r.y - Math.round(r.y), r.width, r.height);
      const wide = Math.floor((canvas.width - 4) / parts); // the edge is left out: it may be rounded
      const high = Math.floor((canvas.height - 4) / parts);
      for (let k = 0; k < parts * parts && wide > 0 && high > 0; k++) {
        const x = 2 + (k % parts) * wide;
        const y = 2 + Math.floor(k / parts) * high;
        const corners = [0, 1].flatMap((dx) => [0, 1].map((dy) => onTop(r.x + x + dx * wide, r.y + y + dy * high)));
        const inside = r.x + x >= 0 && r.y + y >= 0 && r.x + x + wide <= innerWidth && r.y + y + high <= innerHeight;
        if (!inside || !corners.every(Boolean)) continue;
        const { data } = context.getImageData(x, y, wide, high);
        const sum: Colour = [0, 0, 0];
        let alpha = 0;
        for (let i = 0; i < data.length; i += 4) {
          for (const c of [0, 1, 2]) sum[c]! += data[i + c]!;
          alpha += data[i + 3]!;
        }
        const n = data.length / 4;
        if (alpha < 255 * n) continue; // what is behind it is seen as well
        const mean = sum.map((v) => v / n) as Colour;
        cells.push({ x: Math.round(r.x) + x, y: Math.round(r.y) + y, width: wide, height: high, mean });
      }
    }
    shown.push({ name, fault, cells });
  }
  return shown;
}

function faultOf({ name, fault, cells }: Shown, screen: Pixels): string[] {
  if (fault) return [`${name} is ${fault}`];
  for (const cell of cells) {
    const mean = meanOf(screen, cell);
    if (cell.mean.some((v, i) => Math.abs(v - mean[i]!) > 32))
      return [`${name} is ${colour(mean)} on the screen where its file has ${colour(cell.mean)}`];
  }
  return [];
}

export function meanOf({ width, data }: Pixels, cell: Omit<Cell, 'mean'>): Colour {
  const sum: Colour = [0, 0, 0];
  for (let y = cell.y; y < cell.y + cell.height; y++) {
    for (let x = cell.x; x < cell.x + cell.width; x++) {
      for (const c of [0, 1, 2]) sum[c]! += data[4 * (y * width + x) + c]!;
    }
  }
  return sum.map((v) => v / (cell.width * cell.height)) as Colour;
}

const colour = (c: Colour) => `rgb(${c.map(Math.round).join(' ')})`;
