// The grid of pictures: how much of the screen it fills, how much of it is in the page, and where Back goes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawn, hits, visit, waitForHits, type Page } from './browser.ts';
import { onPage } from './shared.ts';
import { answer, flags } from './server.ts';

type Found = { hits: { name: string; score: number; grade: string }[] };

/** The share of the window that pictures cover: of their boxes, what is in view and loaded. */
function share(page: Page): Promise<number> {
  return page.evaluate(() => {
    let area = 0;
    for (const img of document.querySelectorAll<HTMLImageElement>('.results img')) {
      const r = img.getBoundingClientRect();
      const bottom = Math.min(r.bottom, document.querySelector('.tabs')!.getBoundingClientRect().top || innerHeight);
      const high = bottom - Math.max(r.top, 0);
      const wide = Math.min(r.right, innerWidth) - Math.max(r.left, 0);
      if (img.naturalWidth && high > 0 && wide > 0) area += high * wide;
    }
    return area / (innerWidth * innerHeight);
  });
}

for (const [what, width, height, least] of [
  ['a desktop', 1440, 900, 0.55],
  ['a phone', 390, 844, 0.45],
] as const) {
  onPage(
    `pictures fill at least ${Math.round(least * 100)} % of the first screen of results on ${what}`,
    async (page, server, t) => {
      await visit(page, server, '#/flags/search?q=Chad');
      await waitForHits(page, 'Romania');
      await page.waitForFunction(() =>
        [...document.querySelectorAll<HTMLImageElement>('.results img')]
          .filter((i) => i.getBoundingClientRect().top < innerHeight)
          .every((i) => i.complete && i.naturalWidth > 0),
      );
      const filled = await share(page);
      t.diagnostic(`${(filled * 100).toFixed(1)} %`);
      assert.ok(filled >= least, `${(filled * 100).toFixed(1)} %`);
    },
    { viewport: { width, height }, ...(width < 500 && { hasTouch: true, isMobile: true }) },
  );
}

onPage('all hits are there in their order, page after page', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&top=1000'); // as links of before say it
  await waitForHits(page, 'Romania');
  const all = answer<Found>('search', 'Chad', '--top', '1000').hits.map((h) => h.name);
  assert.ok(all.length > 150, 'more than a page');
  assert.deepEqual(await hits(page, 1000), all);
});

onPage('a grid says where grades change, and where chance begins', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  const { hits: all } = answer<Found>('search', 'Chad', '--top', '100');
  const many = (grade: string) => all.filter((h) => h.grade === grade).length;
  assert.ok(many('near') && many('related') && many('weak'));
  assert.deepEqual(await page.locator('.table h2').allInnerTexts(), [
    `Near (${many('near')})`,
    `Related (${many('related')})`,
    'Nothing below is closer than chance',
  ]);
  const box = async (name: string) =>
    (await page.getByRole('link', { name: new RegExp(`\\. ${name} `) }).boundingBox())!;
  const first = all.find((h) => h.grade === 'weak')!.name.replaceAll('_', ' ');
  const chance = (await page.getByText('Nothing below').boundingBox())!;
  assert.ok(chance.y < (await box(first)).y, 'above what is below it');
});

/** Answers with as many hits as one wants, a page at a time, as the server does. */
async function manyHits(page: Page, n: number) {
  const body = readFileSync(join(flags, 'Chad.png'));
  await page.route('**/thumbnail**', (route) => route.fulfill({ body, contentType: 'image/png' }));
  await page.route('**/search', async (route) => {
    const { top = 10, skip = 0 } = route.request().postDataJSON() as { top?: number; skip?: number };
    const found = Array.from({ length: Math.max(0, Math.min(top, n - skip)) }, (_, i) => ({
      rank: skip + i + 1,
      name: `p${skip + i}`,
      source: `/p/${skip + i}.png`,
      score: 0.99 - (skip + i) / (2 * n),
      grade: skip + i < 5 ? 'near' : skip + i < 50 ? 'related' : 'weak',
      width: [300, 200, 400, 250][i % 4],
      height: [200, 200, 225, 333][i % 4],
    }));
    await route.fulfill({ json: { query: [], model: 'm', hits: found } });
  });
}

onPage('ten thousand hits scroll with few nodes', async (page, server, t) => {
  await manyHits(page, 10_000);
  await page.addInitScript(() => {
    const w = window as unknown as { longest: number };
    w.longest = 0;
    new PerformanceObserver((l) =>
      l.getEntries().forEach((e) => (w.longest = Math.max(w.longest, e.duration))),
    ).observe({
      type: 'longtask',
    });
  });
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'p0');
  await page.waitForTimeout(500);
  await page.evaluate(() => ((window as unknown as { longest: number }).longest = 0));
  const seen = await page.evaluate(async () => {
    let nodes = 0;
    while (!document.querySelector('[aria-label^="10000. "]')) {
      scrollBy(0, 2000);
      await new Promise((done) => setTimeout(done, 40));
      nodes = Math.max(nodes, document.querySelectorAll('*').length);
    }
    return { nodes, longest: (window as unknown as { longest: number }).longest };
  });
  await page.getByRole('link', { name: /^10000\. p9999 / }).waitFor();
  t.diagnostic(`${seen.nodes} nodes, longest task ${seen.longest.toFixed(0)} ms`);
  assert.ok(seen.nodes < 2000, `${seen.nodes} nodes`);
  // The arrows walk on from where nothing was in the page.
  await page.getByRole('link', { name: /^10000\. p9999 / }).focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('1. '));
  await page.keyboard.press('ArrowDown');
  const below = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  assert.match(below ?? '', /^[3-9]\. /);
});

onPage('Back shows the same pictures at the same place', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await drawn(page, '.grid img');
  for (let i = 0; i < 6; i++) {
    await page.evaluate(() => scrollBy(0, 600));
    await page.waitForTimeout(80);
  }
  const y = await page.evaluate(() => scrollY);
  assert.ok(y > 2000);
  const inView = () =>
    page.evaluate(() => {
      const inside = (e: Element) => {
        const r = e.getBoundingClientRect();
        return r.top > 100 && r.bottom < innerHeight;
      };
      return [...document.querySelectorAll('.grid a.pic')].find(inside)?.getAttribute('aria-label') ?? '';
    });
  const name = await inView();
  await page.getByRole('link', { name, exact: true }).click();
  await page.waitForURL(/q=/);
  await page.locator('.results[aria-busy=false]').waitFor();
  await page.waitForFunction(() => scrollY === 0);
  await page.goBack();
  await page.waitForFunction((was) => Math.abs(scrollY - was) < 2, y);
  await page.getByRole('link', { name, exact: true }).waitFor(); // rows follow the scroll a frame later
  assert.equal(await inView(), name);
  await page.reload();
  await page.waitForFunction((was) => Math.abs(scrollY - was) < 2, y);
});

onPage(
  'at 1024 pixels the tools of results are one row',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    const tops = await page
      .locator('.tools > *')
      .evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).map((r) => r.top + r.height / 2));
    assert.ok(tops.length > 2 && Math.max(...tops) - Math.min(...tops) < 4, `${tops}`);
    const size = (await page.getByRole('radiogroup', { name: 'Thumbnail size' }).boundingBox())!;
    assert.ok(size.x + size.width <= 1024, 'the sizes are in the row, and in view');
  },
  { viewport: { width: 1024, height: 768 } },
);

onPage(
  'on the smallest phone a query of three leaves half of the screen to hits',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad&q=Senegal&q=-0.5:France');
    const first = page.getByRole('link', { name: /^1\. / });
    await first.waitFor();
    const { y } = (await first.boundingBox())!;
    assert.ok(y < 0.5 * 740, `the first hit is at ${((100 * y) / 740).toFixed(0)} %`);
  },
  { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
);
