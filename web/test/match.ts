// The view that proves whether one picture shows a part of another, and searches that do.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { visit } from './browser.ts';
import { writePNG, type Pixels } from './png.ts';
import { akin, makeFolder } from './server.ts';
import { onPage } from './shared.ts';

/** A picture with structure that is nowhere else: soft spots at places that a seed gives. */
function spotted(width: number, height: number, seed: number): Pixels {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const light = new Float64Array(3 * width * height).fill(110);
  for (let n = 0; n < 260; n++) {
    const [cx, cy, r] = [next() * width, next() * height, 3 + next() * 16];
    const colour = [next() - 0.5, next() - 0.5, next() - 0.5].map((v) => 320 * v);
    for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(height, cy + r); y++)
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(width, cx + r); x++) {
        const d = Math.hypot(x - cx, y - cy) / r;
        if (d < 1) colour.forEach((c, i) => (light[3 * (y * width + x) + i]! += c * (1 - d)));
      }
  }
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[4 * i + c] = Math.max(0, Math.min(255, light[3 * i + c]!));
  return { width, height, data };
}

function crop(from: Pixels, x: number, y: number, width: number, height: number): Pixels {
  const data = new Uint8Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    const at = 4 * ((y + row) * from.width + x);
    data.set(from.data.subarray(at, at + 4 * width), 4 * row * width);
  }
  return { width, height, data };
}

/** A collection of a picture, a part of it, which lies at 150, 90 there, and others. */
function parts(name = 'parts', ...flags: string[]): void {
  const folder = makeFolder(name);
  const whole = spotted(480, 360, 7);
  const write = (name: string, pixels: Pixels) => writeFileSync(join(folder, `${name}.png`), writePNG(pixels));
  write('whole', whole);
  write('part', crop(whole, 150, 90, 220, 180));
  write('other', spotted(480, 360, 8));
  write('third', spotted(480, 360, 9));
  akin('-c', name, '-q', 'index', folder, ...flags);
}

onPage('match outlines the part that two pictures share, and fades one over the other', async (page, server) => {
  parts();
  await visit(page, server, '#/parts/match?a=part&b=whole');
  const result = page.getByRole('region', { name: 'What both show' });
  await result.getByText(/whole shows a part of part, or all of it: [0-9]+ places agree/).waitFor();
  assert.deepEqual(await result.locator('dd').allInnerTexts(), ['220 × 180 at 0, 0', '220 × 180 at 150, 90']);
  assert.ok((await result.locator('line').count()) >= 20);
  // The first picture lies where it is a part of the second, to a pixel of what is shown.
  const [stage, above] = await Promise.all(
    ['.stage', '.above'].map(async (s) => (await result.locator(s).boundingBox())!),
  );
  const scale = stage!.width / 480;
  assert.ok(Math.abs(above!.x - stage!.x - 150 * scale) < 2, `${above!.x - stage!.x} of ${150 * scale}`);
  assert.ok(Math.abs(above!.y - stage!.y - 90 * scale) < 2, `${above!.y - stage!.y} of ${90 * scale}`);
  assert.ok(Math.abs(above!.width - 220 * scale) < 3, `${above!.width} of ${220 * scale}`);
  await result.getByRole('slider').fill('100');
  assert.equal(await result.locator('.above').evaluate((e) => getComputedStyle(e).opacity), '1');

  await page.getByRole('button', { name: 'Swap' }).click();
  await page.waitForURL(/a=whole&b=part/);
  await result.getByText('220 × 180 at 150, 90').waitFor();

  await visit(page, server, '#/parts/match?a=whole&b=other');
  await result.getByText('Nothing proves that the two show the same thing.').waitFor();
  assert.equal(await result.locator('line').count(), 0);
  assert.equal(await result.locator('image').count(), 2);
});

onPage('a search finds the part, and shows where', async (page, server) => {
  parts();
  await visit(page, server, '#/parts/search?q=part');
  await page.locator('.results[aria-busy=false] .grid > li').nth(2).waitFor();
  assert.equal(await page.locator('.grid .part').count(), 0);
  await page.getByRole('button', { name: 'Find the part' }).click();
  await page.waitForURL(/parts=1/);
  await page.locator('.grid .part').waitFor();
  const card = page.locator('.grid > li').first();
  assert.match((await card.locator('a.pic').getAttribute('aria-label'))!, /^1\. whole .*shows the part$/);
  const [box, part] = await Promise.all(['.box', '.part'].map(async (s) => (await card.locator(s).boundingBox())!));
  const share = [(part!.x - box!.x) / box!.width, (part!.y - box!.y) / box!.height, part!.width / box!.width];
  for (const [i, want] of [150 / 480, 90 / 360, 220 / 480].entries())
    assert.ok(Math.abs(share[i]! - want) < 0.03, `${share[i]} of ${want}`);
  assert.equal(await page.locator('.grid .part').count(), 1);
});

onPage('with an index of parts, the part is found in all of the collection', async (page, server) => {
  parts('indexed', '--parts');
  await visit(page, server, '#/indexed/search?q=part');
  await page.locator('.results[aria-busy=false] .grid > li').nth(2).waitFor();
  await page.getByRole('button', { name: 'Find the part' }).click();
  await page.getByText('1 picture of 3 proven to show a part of it').waitFor();
  assert.equal(await page.locator('.grid > li').count(), 1);
  const link = page.locator('.grid > li a.pic');
  assert.match((await link.getAttribute('aria-label'))!, /^1\. whole 100 % of it shows the part$/);
  await visit(page, server, '#/indexed/search?q=other&parts=1');
  await page.getByText('No picture is proven to show a part of it').waitFor();
  await page.getByRole('button', { name: 'Search by a model' }).click();
  await page.locator('.results[aria-busy=false] .grid > li').nth(2).waitFor();
});

onPage(
  'parts lists a picture with what is a part of it, frames the place, and leads to the proof',
  async (page, server) => {
    parts('indexed', '--parts');
    await visit(page, server, '#/indexed/match');
    await page.getByText(/^1 picture of which others show a part among 4 pictures; 6\s+pairs\s+compared/).waitFor();
    const whole = page.locator('ol > li');
    const [box, frame] = await Promise.all(
      ['.whole .box', '.whole i'].map(async (s) => (await whole.locator(s).boundingBox())!),
    );
    const share = [(frame!.x - box!.x) / box!.width, (frame!.y - box!.y) / box!.height, frame!.width / box!.width];
    for (const [i, want] of [150 / 480, 90 / 360, 220 / 480].entries())
      assert.ok(Math.abs(share[i]! - want) < 0.01, `${share[i]} of ${want}`);
    await whole.getByText('is a part of it, 23 %').waitFor();
    await whole.getByRole('link', { name: /^part/ }).click();
    await page.getByText(/whole shows a part of part, or all of it: [0-9]+ places agree/).waitFor();
  },
);

onPage('in regions, each picture is found by its nearest region, which is framed', async (page, server) => {
  parts('tiled', '--regions');
  await visit(page, server, '#/tiled/search?q=part');
  await page.locator('.results[aria-busy=false] .grid > li').nth(2).waitFor();
  assert.equal(await page.locator('.grid .part').count(), 0);
  await page.getByRole('button', { name: 'In regions' }).click();
  await page.waitForURL(/in=regions/);
  await page.locator('.grid .part').nth(2).waitFor();
  const card = page.locator('.grid > li').first();
  const [box, region] = await Promise.all(['.box', '.part'].map(async (s) => (await card.locator(s).boundingBox())!));
  const share = region!.width / box!.width;
  assert.ok(Math.abs(share - 1 / 2) < 0.03 || Math.abs(share - 1 / 3) < 0.03, `${share}`);
});
