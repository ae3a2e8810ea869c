// What is printed: all of the answer, in light colours, and nothing that one clicks.
import assert from 'node:assert/strict';
import { visit, waitForHits, type Page } from './browser.ts';
import { onPage } from './shared.ts';

const paper = { width: 700, height: 1000 }; // A4 within its margins, in CSS pixels

/** What is wrong with the page as it would be printed. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate((width) => {
    const found: string[] = [];
    const seen = (e: Element) =>
      (e as HTMLElement).checkVisibility({ checkVisibilityCSS: true }) && e.getClientRects().length > 0;
    for (const e of document.querySelectorAll('button, input, select, textarea, summary, .side a')) {
      // A picture in the answer may also be a button.
      if (seen(e) && !e.querySelector('img') && !e.closest('.hint'))
        found.push(`printed: ${e.tagName} ${e.textContent?.trim()}`);
    }
    for (const e of document.querySelectorAll('main *')) {
      if (!seen(e) || e.closest('.unseen')) continue;
      const box = e.getBoundingClientRect();
      if (box.width && (box.right > width + 1 || box.left < -1))
        found.push(`beyond the edge: ${e.tagName}.${e.className}`);
      const { overflowX, textOverflow } = getComputedStyle(e);
      if (
        e.scrollWidth > e.clientWidth + 1 &&
        e.clientWidth > 0 &&
        (overflowX !== 'visible' || textOverflow === 'ellipsis')
      )
        found.push(`cut: ${e.tagName}.${e.className} ${e.textContent?.trim().slice(0, 40)}`);
    }
    for (const i of document.querySelectorAll<HTMLImageElement>('main img'))
      if (getComputedStyle(i).opacity !== '1') found.push(`not painted: ${i.src}`);
    return found.slice(0, 12);
  }, paper.width);
}

const views: [hash: string, shows: string][] = [
  ['compare?q=India', '.hits li:nth-of-type(10)'],
  ['evaluate', '.result table'],
  ['bias', '.result table'],
  ['disagree', '.result'],
  ['probe', '.result table'],
  ['duplicates', '.result'],
];

onPage(
  'reports are printed whole, without their controls, in light colours',
  async (page, server) => {
    for (const [hash, shows] of views) {
      await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
      await page.setViewportSize({ width: 1280, height: 860 });
      await visit(page, server, `#/flags/${hash}`);
      await page.locator(shows).first().waitFor({ timeout: 120_000 });
      await page.setViewportSize(paper);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.deepEqual(await faults(page), [], hash);
      const ink = await page.evaluate(() => getComputedStyle(document.body).color);
      assert.equal(ink, 'rgb(27, 25, 22)', 'dark on light');
    }
  },
  { needsSix: true },
);

onPage('all hits that were loaded are printed, with the query, not those in view alone', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&q=Mali');
  await waitForHits(page, 'Romania');
  const cards = page.locator('.grid > li');
  const before = await cards.count();
  await page.setViewportSize(paper);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const printed = await cards.count();
  assert.ok(printed > before && printed >= 40, `${printed} of ${before} in the page`);
  assert.deepEqual(await faults(page), []);
  assert.ok(await page.locator('.rail img').first().isVisible(), 'the query is printed');
  // In their order, below one another and over nothing.
  const overlaps = await cards.evaluateAll((all) => {
    const boxes = all.map((e) => e.getBoundingClientRect());
    return boxes.filter((a, i) =>
      boxes.some(
        (b, j) => j > i && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1,
      ),
    ).length;
  });
  assert.equal(overlaps, 0);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal((await cards.count()) < printed, true, 'and the page is as it was');
});
