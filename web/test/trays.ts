// Relevance feedback: what hits are to be like, and unlike, in two trays beside them.
import assert from 'node:assert/strict';
import { hits, visit, waitForHits, type Page } from './browser.ts';
import { onPage } from './shared.ts';
import { answer } from './server.ts';

type Found = { hits: { name: string }[] };
const more = (page: Page) => page.getByRole('region', { name: 'More like these' });
const less = (page: Page) => page.getByRole('region', { name: 'Less like those' });
const terms = (page: Page) => new URLSearchParams(page.url().split('?')[1]).getAll('q');
const card = (page: Page, name: string) =>
  page.locator('.results .grid > li a.pic', { has: page.getByTitle(name, { exact: true }) });

onPage('a hit is dragged to a tray, and from there to the other one', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await less(page).getByText('Drop a picture here').waitFor();
  await card(page, 'Belgium').dragTo(less(page));
  await page.waitForURL(/q=Chad&q=-Belgium$/);
  await less(page).locator('img').waitFor();
  assert.equal(await page.locator('.zones').count(), 0, 'nothing covers the trays');
  await waitForHits(page, answer<Found>('search', 'Chad', '-', 'Belgium', '--top', '1').hits[0]!.name);
  await card(page, 'Romania').dragTo(more(page));
  await page.waitForURL(/q=Chad&q=-Belgium&q=Romania$/);
  assert.equal(await more(page).locator('img').count(), 2);
  await more(page).getByRole('listitem').filter({ hasText: 'Romania' }).dragTo(less(page));
  await page.waitForURL(/q=Chad&q=-Belgium&q=-Romania$/);
  const found = answer<Found>('search', 'Chad', '-', 'Belgium', '-', 'Romania', '--top', '3');
  await waitForHits(page, found.hits[0]!.name);
  assert.deepEqual(
    await hits(page, 3),
    found.hits.map((h) => h.name),
  );
});

onPage('a picture that is dropped beside the trays changes nothing', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await card(page, 'Belgium').dragTo(page.locator('.head'), { targetPosition: { x: 5, y: 5 } });
  await page.waitForTimeout(300);
  assert.deepEqual(terms(page), ['Chad']);
  assert.equal(await page.locator('section.ready').count(), 0, 'no tray waits for it any more');
});

onPage('the keys fill the trays', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await card(page, 'Belgium').focus();
  await page.keyboard.press('s');
  await less(page).getByText('Belgium').waitFor();
  await card(page, 'Romania').focus();
  await page.keyboard.press('a');
  await more(page).getByText('Romania').waitFor();
  assert.deepEqual(terms(page), ['Chad', '-Belgium', 'Romania']);
  // A weight is of its tray: it keeps the sign.
  await less(page).getByRole('slider', { name: 'How much Belgium counts' }).fill('0.5');
  await page.waitForURL(/q=Chad&q=-0\.5:Belgium&q=Romania$/);
});

onPage(
  'on a phone a button puts a picture into the other tray',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad&q=Mali');
    await page.locator('.results .grid > li').first().waitFor();
    const button = more(page).getByRole('button', { name: 'Less like Mali' });
    const box = (await button.boundingBox())!;
    assert.ok(box.width >= 44 && box.height >= 44, JSON.stringify(box));
    await button.tap();
    await page.waitForURL(/q=Chad&q=-Mali$/);
    await less(page).getByRole('button', { name: 'More like Mali' }).tap();
    await page.waitForURL(/q=Chad&q=Mali$/);
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);
