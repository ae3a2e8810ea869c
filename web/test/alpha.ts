// That pictures with transparency look on the page as they do elsewhere: what is hidden under an alpha of 0 stays so.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { visit, type Page } from './browser.ts';
import { readPNG, writePNG, type Pixels } from './png.ts';
import { seen } from './seen.ts';
import { onPage } from './shared.ts';
import { akin, makeFolder } from './server.ts';

type Paint = (x: number, y: number) => [red: number, green: number, blue: number, alpha: number];
const side = 96;
const magenta = [255, 0, 255] as const;
const green = [0, 255, 0] as const;

function painted(paint: Paint): Pixels {
  const data = new Uint8Array(4 * side * side);
  for (let i = 0; i < side * side; i++) data.set(paint((i % side) + 0.5, Math.floor(i / side) + 0.5), 4 * i);
  return { width: side, height: side, data };
}

const disc = (x: number, y: number) => Math.round(255 * Math.min(1, Math.max(0, 44 - Math.hypot(x - 48, y - 48))));

/** An emoji as some drawing programs leave it: bands that no eye should see where it is transparent. */
const face: Paint = (x, y) => {
  const alpha = disc(x, y);
  if (alpha === 0) return [...(Math.floor(y / 6) % 2 ? green : magenta), 0];
  const eye = Math.hypot(x - 34, y - 38) < 7 || Math.hypot(x - 62, y - 38) < 7;
  return eye ? [60, 40, 10, alpha] : [255, 204, 60, alpha];
};
const black: Paint = (x, y) => [0, 0, 0, Math.abs(x - y) < 14 ? 255 : 0]; // two icons that only alpha draws
const white: Paint = (x, y) => [255, 255, 255, Math.abs(x + y - side) < 14 ? 255 : 0];
const nothing: Paint = () => [...green, 0];
const glass: Paint = (x, y) => [40, 90, 200, disc(x, y) && 128]; // half of what is behind shows through

/** How many pixels of the screen have a colour that is hidden in the files. */
async function garish(page: Page): Promise<number> {
  const { data } = readPNG(await page.screenshot());
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    const near = (c: readonly number[]) => c.every((v, k) => Math.abs(data[i + k]! - v) < 72);
    n += Number(near(magenta) || near(green));
  }
  return n;
}

/** The darkest and the lightest grey of a picture on the screen. */
async function range(page: Page, picture: string): Promise<[dark: number, light: number]> {
  const { data } = readPNG(await page.locator(picture).first().screenshot());
  const greys = Array.from(
    { length: data.length / 4 },
    (_, i) => (data[4 * i]! + data[4 * i + 1]! + data[4 * i + 2]!) / 3,
  );
  greys.sort((a, b) => a - b); // so many numbers are no arguments of a function
  return [greys[0]!, greys.at(-1)!];
}

let folder = '';
function indexed() {
  if (folder) return;
  folder = makeFolder('alpha');
  for (const [name, paint] of Object.entries({ face, black, white, glass, nothing }))
    writeFileSync(join(folder, `${name}.png`), writePNG(painted(paint)));
  copyFileSync(join(folder, 'face.png'), join(folder, 'face_again.png'));
  // Pillow wrote it: save(…, lossless=True, exact=True) keeps what is hidden.
  copyFileSync(new URL('./files/face.webp', import.meta.url), join(folder, 'face_webp.webp'));
  akin('-c', 'alpha', '-q', 'index', folder);
}

async function clean(page: Page, what: string, least: number) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], [role=progressbar]'));
  await seen(page, least);
  assert.equal(await garish(page), 0, `${what}: pixels of a hidden colour`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const size of ['wide', 'phone'] as const) {
    onPage(
      `hidden colours of transparent pictures are nowhere on the page, ${colorScheme}, ${size}`,
      async (page, server) => {
        indexed();
        await visit(page, server, '#/alpha/search');
        await page.locator('.grid > li').nth(5).waitFor();
        await clean(page, 'the start', size === 'wide' ? 6 : 4);
        for (const name of ['black', 'white']) {
          await page.locator(`.grid img[src*="name=${name}&"]`).scrollIntoViewIfNeeded();
          const [dark, light] = await range(page, `.grid img[src*="name=${name}&"]`);
          assert.ok(dark < 60 && light > 180, `${name} is told from its ground: ${dark} to ${light}`);
        }
        await visit(page, server, '#/alpha/search?q=face&q=black');
        await page.locator('.results .grid > li').nth(3).waitFor();
        await clean(page, 'hits and chips', 4);
        await visit(page, server, '#/alpha/search?q=glass&look=face_webp');
        await page.getByRole('dialog').locator('dl').waitFor();
        await clean(page, 'the dialog', 1);
        await visit(page, server, '#/alpha/search?q=face');
        await page.getByRole('button', { name: 'Search with a region of face' }).click();
        await page.locator('dialog .stage img').waitFor();
        await clean(page, 'the region', 0);
        await visit(page, server, '#/alpha/search');
        await page.getByRole('combobox', { name: 'Picture name' }).fill('face');
        await page.getByRole('listbox').getByRole('option').nth(2).waitFor();
        assert.equal(await garish(page), 0, 'what is typed'); // the list casts a shadow on what is below
        await page.locator('input[type=file]').setInputFiles(join(folder, 'face.png'));
        await page.waitForURL(/q=upload/);
        await page.locator('.results .grid > li').nth(3).waitFor();
        await clean(page, 'a file of one’s own', 4);
        await visit(page, server, '#/alpha/compare?q=white');
        await page.locator('.hits li').nth(3).waitFor();
        await clean(page, 'a comparison', 3);
        await visit(page, server, '#/alpha/duplicates');
        await page.getByRole('button', { name: 'Details of face_again' }).scrollIntoViewIfNeeded();
        await clean(page, 'duplicates', 2);
        await visit(page, server, '#/alpha/map');
        await page.locator('.ground[aria-label*="Map of 7 pictures"]').waitFor();
        await page.waitForTimeout(700); // small pictures come when the map rests
        assert.equal(await garish(page), 0, 'the map');
      },
      {
        colorScheme,
        ...(size === 'phone' && { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }),
      },
    );
  }
}

/** The shares of a picture on the screen that its two commonest colours have, and their greys. */
async function fields(page: Page, picture: string): Promise<{ share: number; grey: number }[]> {
  const { data } = readPNG(await page.locator(picture).first().screenshot());
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([colour, n]) => ({ share: (4 * n) / data.length, grey: (colour >> 8) & 255 }));
}

for (const colorScheme of ['light', 'dark'] as const) {
  onPage(
    `squares are behind what is transparent, and black and white stand out from them, ${colorScheme}`,
    async (page, server) => {
      indexed();
      const paper = colorScheme === 'light' ? 'light' : 'dark';
      const cases = [
        { name: 'black', on: 'light' },
        { name: 'white', on: 'dark' },
        { name: 'nothing', on: paper },
        { name: 'glass', on: paper },
      ];
      await visit(page, server, '#/alpha/search');
      for (const { name, on } of cases) {
        const img = `.grid img[src*="name=${name}&"]`;
        await page.locator(img).scrollIntoViewIfNeeded();
        await page.locator(`${img}[data-ground]`).waitFor();
        const two = await fields(page, img);
        assert.ok(two[0]!.grey !== two[1]!.grey, `${name}: one colour is behind it`);
        if (name === 'nothing') assert.ok(two[1]!.share > 0.3, `${name}: squares are ${two[1]!.share} of it`);
        if (name === 'nothing') assert.ok(two.every((f) => (on === 'light' ? f.grey > 200 : f.grey < 80)));
        const [dark, light] = await range(page, img);
        if (name === 'black') assert.ok(dark < 30 && light > 230, `${name}: ${dark} to ${light}`);
        if (name === 'white') assert.ok(dark < 60 && light > 230, `${name}: ${dark} to ${light}`);
      }
      for (const name of ['black', 'white', 'nothing']) {
        await visit(page, server, `#/alpha/search?look=${name}`);
        await page.getByRole('dialog').locator('dl').waitFor();
        const [dark, light] = await range(page, 'dialog .picture');
        const least = name === 'nothing' ? 10 : 140; // two squares, or a drawing and squares
        assert.ok(light - dark > least, `${name} is told from its ground: ${dark} to ${light}`);
      }
      // What is searched with: in the query bar and beside the hits.
      await visit(page, server, '#/alpha/search?q=black&q=white');
      await page.locator('.rail img').nth(1).waitFor();
      for (const [i, on] of ['light', 'dark'].entries()) {
        await page.locator(`.rail li:nth-child(${i + 1}) img[data-ground=${on}]`).waitFor();
        await page.locator(`.chip img[data-ground=${on}]`).waitFor();
      }
    },
    { colorScheme },
  );
}
