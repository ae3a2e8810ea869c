// The map, by what is on the screen: points where they lie, labels beside what they name, and ways back from nowhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hits, visit, waitForHits, type Page } from './browser.ts';
import { readPNG } from './png.ts';
import { akin, answer, makeFolder } from './server.ts';
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

async function openMade(page: Page, server: Parameters<typeof visit>[1], hash = '', map = made()) {
  await page.unroute('**/collections/flags/map?*');
  await page.route('**/collections/flags/map?*', (r) => r.fulfill({ json: map }));
  await visit(page, server, `#/flags/map?model=mobilenetv2-gem${hash}`);
  const n = map.pictures.length;
  await page.locator(`.ground[aria-label*="Map of ${n.toLocaleString('en')} picture"]`).waitFor();
  await page.waitForTimeout(700);
}

/** How many pixels at the place of each group have the colour of its swatch. */
async function painted(page: Page, swatches: string[]): Promise<number[]> {
  const box = (await page.locator('.ground').boundingBox())!;
  const size = { width: box.width, height: box.height };
  const { data, width } = readPNG(await page.screenshot());
  const reach = (side - 1) * 10 + 1.6;
  return swatches.map((css, c) => {
    const place = (v: number) => ((v * 10 - (side - 1) * 5) * 2) / reach;
    const [x, y] = toScreen(wholeMap(size), size, place(c % side), place(Math.floor(c / side)));
    const want = rgb(css);
    let n = 0;
    for (let dy = -12; dy <= 12; dy++) {
      for (let dx = -12; dx <= 12; dx++) {
        const at = 4 * (Math.round(box.y + y + dy) * width + Math.round(box.x + x + dx));
        n += Number(want.every((v, k) => Math.abs(data[at + k]! - v) < 40));
      }
    }
    return n;
  });
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
      const groups = (await painted(page, swatches)).filter((n) => n > 20).length;
      assert.ok(groups >= side * side - 1, `${groups} of ${side * side} groups`);

      // What is found stands out: the others are faint.
      await page.getByRole('searchbox', { name: 'Find on the map' }).fill('of 7');
      await page.getByRole('heading', { name: '40 found' }).waitFor();
      await page.waitForTimeout(500);
      const found = await painted(page, swatches);
      assert.ok(found[7]! > 20, `${found[7]} pixels of what was found`);
      assert.deepEqual(
        found.flatMap((n, c) => (n > 20 && c !== 7 ? [c] : [])),
        [],
        'groups that are not faint',
      );
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

for (const [width, height] of [
  [1024, 768],
  [390, 844],
] as const) {
  onPage(
    `no label lies below a tool, also while the map is dragged, ${width}`,
    async (page, server) => {
      const under = () =>
        page.evaluate(() => {
          const boxes = (all: string) =>
            [...document.querySelectorAll(all)]
              .filter((e) => e.checkVisibility({ opacityProperty: true }))
              .map((e) => ({ text: e.textContent ?? '', r: e.getBoundingClientRect() }));
          const tools = boxes('.bar > *, .minimap');
          return boxes('.labels .label')
            .filter(({ r }) =>
              tools.some(({ r: t }) => r.left < t.right && t.left < r.right && r.top < t.bottom && t.top < r.bottom),
            )
            .map((l) => l.text);
        });
      await openMade(page, server);
      if (width < 500) await page.getByRole('button', { name: 'Clusters' }).waitFor();
      assert.ok((await page.locator('.labels .label').count()) > 3);
      assert.deepEqual(await under(), []);
      const box = (await page.locator('.ground').boundingBox())!;
      await page.mouse.move(box.x + 150, box.y + 400);
      await page.mouse.down();
      await page.mouse.move(box.x + 150, box.y + 330, { steps: 3 });
      await page.mouse.move(box.x + 150, box.y + 300);
      await page.waitForTimeout(400); // a label fades
      assert.deepEqual(await under(), []);
      await page.mouse.up();
    },
    { viewport: { width, height }, expects },
  );
}

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

  // The chip says of how many pictures, and shows them.
  await page.locator('.chip').getByText('mean of 4 pictures').waitFor();
  await page.locator('.chip').getByRole('button', { name: 'Pictures of the mean of 4 pictures' }).click();
  const dialog = page.getByRole('dialog', { name: 'Mean of 4 pictures' });
  await dialog
    .getByRole('link', { name: /guinea/i })
    .nth(3)
    .waitFor();
  assert.equal(await dialog.getByRole('link', { name: /guinea/i }).count(), 4);
  await dialog.getByRole('link', { name: 'Show on map' }).click();
  await page.getByRole('complementary').getByRole('heading', { name: '4 pictures' }).waitFor();
  assert.match(page.url(), /chosen=mean:[0-9a-f]{24}/);
});

onPage('a hit is shown on the map, among all hits of its search, and back', async (page, server) => {
  const found = answer<{ hits: { name: string; grade?: string }[] }>(
    ...['search', '-m', 'mobilenetv2-gem', '--top', '500', 'Chad'],
  ).hits.filter((h) => ['same', 'near', 'related'].includes(h.grade ?? ''));
  assert.ok(found.length > 2);
  await visit(page, server, '#/flags/search?q=Chad&model=mobilenetv2-gem');
  await waitForHits(page, found[0]!.name);
  await page.locator('.results .grid > li').first().hover();
  await page.getByRole('button', { name: `Show ${found[0]!.name} on the map` }).click();
  await page.waitForURL(/\/map\?.*chosen=/);
  const beside = page.getByRole('complementary');
  await beside.getByRole('heading', { name: '1 picture', exact: true }).waitFor();
  const marked = async (name: string) => {
    const mark = page.locator('.marks .mark').filter({ hasText: name });
    await mark.waitFor();
    await page.waitForTimeout(500);
    const [r, box] = [(await mark.boundingBox())!, (await page.locator('.ground').boundingBox())!];
    const away = Math.hypot(r.x + r.width / 2 - box.x - box.width / 2, r.y + r.height / 2 - box.y - box.height / 2);
    return { r, away: away / box.width };
  };
  const { away } = await marked(found[0]!.name);
  assert.ok(away < 0.4, `marked ${away.toFixed(2)} of the width from the middle`);
  await page.waitForURL(/at=/);
  await page.reload(); // all of it is in the link
  await marked(found[0]!.name);

  // Lines lead to the five that are most alike.
  const { r } = await marked(found[0]!.name);
  await page.mouse.move(r.x + r.width / 2, r.y + r.height / 2);
  await page.waitForFunction(() => document.querySelectorAll('.stage svg circle').length === 5);
  await page.mouse.move(5, 5);

  await beside.getByRole('button', { name: 'Clear selection' }).click();
  await beside.getByRole('heading', { name: `${found.length} hits` }).waitFor();
  const listed = await beside
    .locator('.several button')
    .evaluateAll((all) => all.map((b) => b.getAttribute('aria-label')!.replace('Details of ', '')));
  assert.deepEqual(listed, found.map((h) => h.name).slice(0, 60));
  await page.locator('.marks .mark').filter({ hasText: 'Chad' }).waitFor();
  await beside.getByRole('link', { name: 'Show in search' }).click();
  await waitForHits(page, found[0]!.name);
  assert.ok(!/at=|chosen=/.test(page.url()), page.url());
});

onPage(
  'who leaves the map while it glides takes nothing of it along',
  async (page, server) => {
    await openMade(page, server);
    await page.locator('.ground').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('n'); // glides to a cluster
    await page.evaluate(() => (location.hash = '#/flags/models'));
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    await page.waitForTimeout(1200);
    assert.match(page.url(), /#\/flags\/models$/);
  },
  { reducedMotion: 'no-preference', expects: [/404 .*thumbnail/] },
);

onPage('what is selected stays so between the hits and the map', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&model=mobilenetv2-gem');
  await waitForHits(page, 'Romania');
  await page.locator('.results a.pic').first().focus();
  await page.keyboard.press('v');
  await page.keyboard.press('Shift+ArrowRight');
  const bar = page.getByRole('toolbar', { name: 'Selected pictures' });
  await bar.getByText('2 pictures').waitFor();
  await page.waitForURL(/chosen=Romania/);
  await bar.getByRole('button', { name: 'Show on map' }).click();
  const beside = page.getByRole('complementary');
  await beside.getByRole('heading', { name: '2 pictures' }).waitFor();
  assert.equal(await page.locator('.marks .mark').count(), 2);
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Search' }).click();
  await bar.getByText('2 pictures').waitFor();
  await page.reload();
  await bar.getByText('2 pictures').waitFor();
  // From the lightbox.
  await visit(page, server, '#/flags/search?look=Chad');
  await page.getByRole('dialog').getByRole('link', { name: 'Show on map' }).click();
  await page.locator('.marks .mark').filter({ hasText: 'Chad' }).waitFor();
});

onPage('a lasso round many pictures searches by the mean of all of them, and says so', async (page, server, t) => {
  await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
  await page.locator('.ground[aria-label*="Map of 195 pictures"]').waitFor();
  const box = (await page.locator('.ground').boundingBox())!;
  await page.getByRole('button', { name: 'Lasso' }).click();
  const [left, top, right, bottom] = [box.x + 3, box.y + 90, box.x + 0.55 * box.width, box.y + box.height - 3];
  await page.mouse.move(left, top);
  await page.mouse.down();
  for (const [x, y] of [
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top + 2],
  ])
    await page.mouse.move(x!, y!, { steps: 3 });
  await page.mouse.up();
  const button = page.getByRole('button', { name: /^Search with the mean of all \d+ pictures$/ });
  const said = Number.parseInt((await button.innerText()).replace(/\D+/, ''));
  assert.ok(said > 40 && said < 185, `${said} pictures in the lasso`);
  const [kept] = await Promise.all([
    page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/selections')),
    button.click(),
  ]);
  const { pictures } = kept.postDataJSON() as { pictures: string[] };
  assert.equal(new Set(pictures).size, said);
  await page.locator('.chip').getByText(`mean of ${said} pictures`).waitFor();

  // The mean by hand, of the vectors as the command line writes them.
  const [vectors, names] = [join(makeFolder('mean'), 'vectors.tsv'), join(makeFolder('mean'), 'names.txt')];
  akin('-c', 'flags', 'export', '--model', 'mobilenetv2-gem', '--out', vectors, '--names', names);
  const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');
  const unit = lines(vectors).map((l) => l.split('\t').map(Number));
  const called = lines(names)
    .map((name, i) => ({ name, i }))
    .slice(-unit.length); // below a header, if there is one
  const chosen = new Set(pictures);
  const mean = unit[0]!.map((_, k) =>
    called.reduce((sum, { name }, i) => sum + (chosen.has(name) ? unit[i]![k]! : 0), 0),
  );
  const scored = called
    .map(({ name }, i) => ({ name, score: unit[i]!.reduce((sum, v, k) => sum + v * mean[k]!, 0) }))
    .filter(({ name }) => !chosen.has(name))
    .sort((a, b) => b.score - a.score);
  t.diagnostic(`nearest to the mean of ${said}: ${scored[0]!.name}`);
  await visit(page, server, `#/flags/search?q=mean:${/q=mean:(\w+)/.exec(page.url())![1]}&model=mobilenetv2-gem`);
  await waitForHits(page, scored[0]!.name);
  assert.deepEqual(
    await hits(page, 8),
    scored.slice(0, 8).map((s) => s.name),
  );
});

onPage(
  'a map of few pictures, of equal ones, or of none that has a file says what it is',
  async (page, server) => {
    const few = (n: number, place: (i: number) => [number, number], source: (i: number) => string) => ({
      ...made(),
      pictures: Array.from({ length: n }, (_, i) => {
        const [x, y] = place(i);
        return { name: `p${i}`, source: source(i), x, y, cluster: 0 };
      }),
      clusters: [],
    });
    let thumbnails = 0;
    page.on('request', (r) => (thumbnails += Number(/thumbnail\?name=p\d/.test(r.url()))));
    await openMade(
      page,
      server,
      '',
      few(
        50,
        () => [3, 4],
        (i) => `/p/${i}.png`,
      ),
    );
    await page.getByText('All 50 pictures lie at one place').waitFor();
    const box = (await page.locator('.ground').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.getByText('and 49 more at this very place').waitFor();
    await openMade(
      page,
      server,
      '',
      few(
        3,
        (i) => [i, i * i],
        (i) => `/p/${i}.png`,
      ),
    );
    await page.getByText('No part of the map is dense enough to be a cluster.').waitFor();
    thumbnails = 0;
    await openMade(
      page,
      server,
      '&chosen=Nobody',
      few(
        200,
        (i) => [i % 17, i % 13],
        (i) => `import:p${i}`,
      ),
    );
    await page.getByText('imported without pictures').waitFor();
    assert.equal(thumbnails, 0, 'asked for pictures that there are none of');
    await page.getByText('Nobody is not on this map').waitFor();
  },
  { expects: [...expects, /404 .*name=p\d/, /404 .*search/] },
);

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
