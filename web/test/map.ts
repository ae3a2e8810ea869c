// The map, by what is on the screen: points where they lie, labels beside what they name, and ways back from nowhere.
import assert from 'node:assert/strict';
import { hits, visit, type Page } from './browser.ts';
import { readPNG } from './png.ts';
import { onPage } from './shared.ts';
import { wholeMap, toScreen } from '../src/features/map/projection.ts';

const side = 6; // groups along the grid
const each = 40;

/** A map of groups on a grid, whose places are known: what the server would answer. */
function made() {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const pictures = Array.from({ length: side * side * each }, (_, i) => {
    const c = i % (side * side);
    const [a, r] = [random() * 6.283, Math.sqrt(random()) * 0.8];
    return {
      name: `p${i} of ${c}`,
      source: `/p/${c}/${i}.png`,
      x: (c % side) * 10 + Math.cos(a) * r,
      y: Math.floor(c / side) * 10 + Math.sin(a) * r,
      cluster: c + 1,
    };
  });
  const clusters = Array.from({ length: side * side }, (_, c) => ({
    cluster: c + 1,
    size: each,
    center: pictures[c]!,
    x: (c % side) * 10,
    y: Math.floor(c / side) * 10,
  }));
  return { models: ['mobilenetv2-gem'], pictures, clusters, placed: 0, fresh: false, kept: true, current: true };
}

async function openMade(page: Page, server: Parameters<typeof visit>[1], hash = '') {
  await page.route('**/collections/flags/map?*', (r) => r.fulfill({ json: made() }));
  await visit(page, server, `#/flags/map?model=mobilenetv2-gem${hash}`);
  await page.locator(`.ground[aria-label*="Map of ${(side * side * each).toLocaleString('en')} pictures"]`).waitFor();
  await page.waitForTimeout(700);
}
const expects = [/404 .*thumbnail\?name=p\d/];
const rgb = (css: string) => css.match(/\d+/g)!.slice(0, 3).map(Number);

for (const colorScheme of ['light', 'dark'] as const) {
  onPage(
    `each group of points is drawn where it lies, in the colour of its swatch, ${colorScheme}`,
    async (page, server) => {
      await openMade(page, server);
      const swatches = await page
        .locator('aside .swatch')
        .evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor));
      assert.equal(swatches.length, side * side);
      assert.equal(new Set(swatches).size, swatches.length, 'two clusters have one colour');
      const box = (await page.locator('.ground').boundingBox())!;
      const size = { width: box.width, height: box.height };
      const { data, width } = readPNG(await page.screenshot());
      const reach = (side - 1) * 10 + 1.6;
      let painted = 0;
      for (let c = 0; c < side * side; c++) {
        const place = (v: number) => ((v * 10 - (side - 1) * 5) * 2) / reach;
        const [x, y] = toScreen(wholeMap(size), size, place(c % side), place(Math.floor(c / side)));
        const want = rgb(swatches[c]!);
        let n = 0;
        for (let dy = -12; dy <= 12; dy++) {
          for (let dx = -12; dx <= 12; dx++) {
            const at = 4 * (Math.round(box.y + y + dy) * width + Math.round(box.x + x + dx));
            n += Number(want.every((v, k) => Math.abs(data[at + k]! - v) < 40));
          }
        }
        painted += Number(n > 20);
      }
      assert.ok(painted >= side * side - 1, `${painted} of ${side * side} groups`);
    },
    { colorScheme, expects },
  );
}

onPage(
  'labels cover neither one another nor the points of clusters',
  async (page, server) => {
    for (const at of ['', '&at=-0.4,-0.4,2.2']) {
      await openMade(page, server, at);
      const boxes = await page.locator('.labels .label').evaluateAll((all) =>
        all.map((e) => {
          const { left, right, top, bottom } = e.getBoundingClientRect();
          return { name: e.textContent!.trim(), left, right, top, bottom };
        }),
      );
      assert.ok(boxes.length >= 4, `${boxes.length} labels`);
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          assert.ok(apart, `${a.name} covers ${b.name}`);
        }
      }
      // The pictures in labels have no file here, so colour in a box can only be that of points below it.
      await page.locator('.labels').evaluate((e) => (e as HTMLElement).style.setProperty('visibility', 'hidden'));
      const { data, width } = readPNG(await page.screenshot());
      for (const b of boxes) {
        let coloured = 0;
        for (let y = Math.ceil(b.top); y < b.bottom; y++) {
          for (let x = Math.ceil(b.left); x < b.right; x++) {
            const p = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3);
            coloured += Number(Math.max(...p) - Math.min(...p) > 60);
          }
        }
        const share = coloured / ((b.right - b.left) * (b.bottom - b.top));
        assert.ok(share < 0.1, `${b.name} covers points: ${(100 * share).toFixed(0)} % of it`);
      }
    }
  },
  { expects },
);

onPage(
  'where nothing lies the map says so, and a minimap shows where one is',
  async (page, server) => {
    await openMade(page, server);
    assert.equal(await page.locator('.minimap').count(), 0, 'of the whole map no other one is needed');
    await visit(page, server, '#/flags/map?model=mobilenetv2-gem&at=0.38,0.38,40');
    await page.getByText('Nothing here.').waitFor();
    const map = (await page.locator('.minimap').boundingBox())!;
    const { data, width } = readPNG(await page.screenshot());
    let coloured = 0;
    for (let y = Math.ceil(map.y) + 2; y < map.y + map.height - 2; y++) {
      for (let x = Math.ceil(map.x) + 2; x < map.x + map.width - 2; x++) {
        const p = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3);
        coloured += Number(Math.max(...p) - Math.min(...p) > 40);
      }
    }
    assert.ok(coloured > 100, `${coloured} coloured pixels on the minimap`);
    await page.mouse.click(map.x + map.width * 0.5, map.y + map.height * 0.5);
    await page.waitForURL((url) => !/at=0\.38,/.test(url.hash));
    await page.mouse.move(600, 300);
    await visit(page, server, '#/flags/map?model=mobilenetv2-gem&at=0.38,0.38,40');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText('Nothing here.').waitFor({ state: 'detached' });
    await page.locator('.minimap').waitFor({ state: 'detached' });
  },
  { expects },
);

onPage(
  'a click leaves no focus frame round the map, a key does',
  async (page, server) => {
    await openMade(page, server);
    const canvas = page.locator('.ground');
    await canvas.click({ position: { x: 30, y: 300 } });
    const frame = () => canvas.evaluate((e) => getComputedStyle(e).outlineStyle);
    assert.equal(await frame(), 'none');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await frame(), 'solid');
  },
  { expects },
);

onPage(
  'on a phone the map fills the screen: its tools are one row, what is listed a sheet below',
  async (page, server) => {
    await openMade(page, server);
    const canvas = (await page.locator('.ground').boundingBox())!;
    assert.ok(canvas.height > 0.75 * 844 && canvas.width === 390, `${canvas.width} x ${canvas.height}`);
    const tops = await page
      .locator('.bar > *')
      .evaluateAll((all) => all.filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().top));
    assert.equal(new Set(tops.map(Math.round)).size, 1, `tools at ${tops}`);
    await page.getByRole('button', { name: 'Clusters' }).click();
    const sheet = (await page.getByRole('complementary').boundingBox())!;
    assert.ok(sheet.width === 390 && sheet.y > canvas.y + canvas.height / 2, `a sheet of ${sheet.width} at ${sheet.y}`);
    assert.deepEqual(await page.locator('.ground').boundingBox(), canvas, 'the map stays as it is');
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, expects },
);

onPage('what is found on the map is counted, listed and can be chosen', async (page, server) => {
  await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
  await page.getByRole('heading', { name: /\d+ clusters/ }).waitFor();
  await page.getByRole('searchbox', { name: 'Find on the map' }).fill('guinea');
  const beside = page.getByRole('complementary');
  await beside.getByRole('heading', { name: '4 found' }).waitFor();
  assert.equal(await beside.locator('.several li').count(), 4);
  await beside.getByRole('button', { name: 'Choose all' }).click();
  await beside.getByRole('heading', { name: '4 pictures' }).waitFor();

  // All of them are searched with, by their mean, which the link keeps.
  await beside.getByRole('button', { name: 'Search with the mean of all 4 pictures' }).click();
  await page.waitForURL(/q=mean:[0-9a-f]{24}/);
  await page.locator('.results[aria-busy=false]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.results a.pic').length > 5);
  const names = await hits(page);
  assert.ok(names.length > 5 && !names.some((n) => /guinea/i.test(n)), names.join(', '));
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.results a.pic').length > 5);
  assert.deepEqual(await hits(page), names, 'the link finds the same');
});

onPage('a map that was laid out opens without a job', async (page, server) => {
  await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
  await page.getByRole('heading', { name: /\d+ clusters/ }).waitFor();
  let jobs = 0;
  page.on('request', (r) => (jobs += Number(r.method() === 'POST' && r.url().endsWith('/jobs'))));
  await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
  await page.getByRole('heading', { name: /\d+ clusters/ }).waitFor();
  await page.waitForTimeout(500);
  assert.equal(jobs, 0);
});
