// Narrowing what is found, and acting on many pictures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hits, visit, waitForHits } from './browser.ts';
import { onPage } from './shared.ts';
import { answer } from './server.ts';

type Found = { hits: { name: string; score: number; source: string }[] };

onPage(
  'a filter that leaves nothing says so, and is cleared',
  async (page, server) => {
    for (const hash of ['#/flags/search?q=Chad&names=nothing*', '#/flags/search?tag=nowhere']) {
      await visit(page, server, hash);
      await page.getByRole('heading', { name: 'No picture passes the filter' }).waitFor();
      assert.equal(await page.getByRole('alert').count(), 0);
      await page.getByRole('button', { name: 'Clear filter' }).click();
      await page.locator('.grid > li').nth(3).waitFor();
      assert.doesNotMatch(page.url(), /names|tag/);
    }
  },
  { expects: [/422 .*search/] },
);

onPage('without a query the filter is seen, and goes by its ×', async (page, server) => {
  await visit(page, server, '#/flags/search?tag=nowhere');
  await page.getByRole('button', { name: 'Remove the filter With tags: nowhere' }).click();
  await page.locator('.grid > li').nth(3).waitFor();
  assert.match(page.url(), /search$/);
});

onPage('a least score is chosen on the histogram of all scores', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await page.getByRole('button', { name: 'Scores' }).click();
  const slider = page.getByRole('slider', { name: 'Least score' });
  await slider.fill('0.85');
  await page.waitForURL(/min=0\.850/);
  const above = answer<Found>('search', 'Chad', '--top', '1000').hits.filter((h) => h.score >= 0.85);
  assert.ok(above.length > 5 && above.length < 60);
  await page.locator('.results[aria-busy=false]').waitFor();
  assert.deepEqual(
    await hits(page, 1000),
    above.map((h) => h.name),
  );
  assert.equal(await page.locator('.threshold rect').count(), 80);
});

onPage('several pictures are selected, then tagged, saved and searched with', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  const found = answer<Found>('search', 'Chad', '--top', '5').hits;
  const link = (i: number) => page.getByRole('link', { name: new RegExp(`^${i}\\. `) });
  await link(1).click({ modifiers: ['ControlOrMeta'] });
  await link(4).click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: 'Selected pictures' });
  await bar.getByText('4 pictures').waitFor();
  await link(2).click(); // while some are selected, a click selects
  await bar.getByText('3 pictures').waitFor();
  const chosen = [found[0]!, found[2]!, found[3]!];

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    bar.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  assert.equal(lines[0], 'name,source,score');
  assert.deepEqual(
    lines.slice(1).map((l) => l.split(',').slice(0, 2)),
    chosen.map((h) => [h.name, h.source]),
  );

  await bar.getByRole('button', { name: 'Tag' }).click();
  await bar.getByLabel('Tag').fill('chosen');
  await page.keyboard.press('Enter');
  await page.getByText('Tagged 3 pictures “chosen”').waitFor();
  const tagged = answer<Found>('search', 'Chad', '--tag', 'chosen', '--top', '40').hits.map((h) => h.name);
  assert.deepEqual(
    tagged,
    chosen.map((h) => h.name),
  );

  await bar.getByRole('button', { name: 'Search with them' }).click();
  await page.waitForURL((url) => url.hash.split('q=').length === 4);
  await bar.waitFor({ state: 'detached' });
});

onPage(
  'a long press selects on a phone',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    const box = (await page.getByRole('link', { name: /^2\. / }).boundingBox())!;
    const session = await page.context().newCDPSession(page);
    const at = [{ x: box.x + box.width / 2, y: box.y + 20 }];
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at });
    await page.getByRole('toolbar', { name: 'Selected pictures' }).getByText('1 picture').waitFor();
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.waitForTimeout(100);
    assert.match(page.url(), /search\?q=Chad&chosen=[^&]+$/); // and the picture is not opened
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);
