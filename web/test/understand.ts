// The views that say what models see, and how their numbers explain themselves.
import assert from 'node:assert/strict';
import { visit, type Page } from './browser.ts';
import { onPage } from './shared.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function evaluated(page: Page) {
  await page.getByRole('button', { name: /^(Evaluate|Run again)$/ }).click();
  await page.locator('.result tbody tr').first().waitFor();
}

onPage('a number explains itself where it is pointed at, focused or tapped', async (page, server) => {
  await visit(page, server, '#/flags/evaluate');
  await evaluated(page);
  const word = page.getByRole('button', { name: 'MRR', exact: true });
  const sentence = page.locator('[popover]', { hasText: 'Mean reciprocal rank' });
  await word.hover();
  await sentence.waitFor();
  await page.mouse.move(5, 5);
  await sentence.waitFor({ state: 'detached' });
  await page.keyboard.press('Tab');
  await word.focus();
  await sentence.waitFor();
  await page.keyboard.press('Escape');
  await sentence.waitFor({ state: 'detached' });
});

onPage(
  'a number explains itself under a finger, within the screen',
  async (page, server) => {
    await visit(page, server, '#/flags/evaluate');
    await evaluated(page);
    const word = page.getByRole('button', { name: 'MRR', exact: true });
    const box = (await word.boundingBox())!;
    assert.ok(box.width >= 44 && box.height >= 44, `${box.width} × ${box.height}`);
    await word.tap();
    const sentence = page.locator('[popover]', { hasText: 'Mean reciprocal rank' });
    await sentence.waitFor();
    const { x, width } = (await sentence.boundingBox())!;
    assert.ok(x >= 0 && x + width <= 390, `from ${x} to ${x + width}`);
    await word.tap();
    await sentence.waitFor({ state: 'detached' });
  },
  phone,
);

for (const [width, height] of [
  [1440, 900],
  [1024, 768],
] as const) {
  onPage(
    `all ten hits a row fit ${width} pixels, beside the query, and a line joins a picture through the rows`,
    async (page, server) => {
      await visit(page, server, '#/flags/compare?q=India');
      await page.getByRole('region', { name: 'fused' }).waitFor();
      assert.equal(await page.getByRole('list', { name: 'What is compared' }).locator('img').count(), 1);
      assert.equal(await page.locator('.hits .box').count(), 80);
      const outside = await page
        .locator('.hits li')
        .evaluateAll((all) => all.filter((e) => e.getBoundingClientRect().right > innerWidth).length);
      assert.equal(outside, 0);
      const scrolled = await page
        .locator('.scroller, .hits')
        .evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).length);
      assert.equal(scrolled, 0);
      const clip = page.getByRole('region', { name: 'clip', exact: true });
      await clip.getByRole('link', { name: /Pakistan/ }).hover();
      const rows = await page.locator('.box[data-name=Pakistan]').count();
      await page
        .locator('.rows > svg path')
        .nth(rows - 2)
        .waitFor({ state: 'attached' });
      assert.equal(await page.locator('.rows > svg path').count(), rows - 1);
      await clip.getByRole('button', { name: 'meaning' }).waitFor();
      await page.getByRole('region', { name: 'vit', exact: true }).getByRole('button', { name: 'looks' }).waitFor();
    },
    { needsSix: true, viewport: { width, height } },
  );
}

onPage(
  'hits that do not fit are scrolled for all rows at once, and printed whole',
  async (page, server) => {
    await visit(page, server, '#/flags/compare?q=India&top=40');
    await page.getByRole('region', { name: 'fused' }).waitFor();
    const scrolling = await page
      .locator('.scroller, .scroller *')
      .evaluateAll((all) =>
        all
          .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto')
          .map((e) => e.className),
      );
    assert.deepEqual(
      scrolling.map((c) => c.split(' ')[0]),
      ['scroller'],
    );
    await page.emulateMedia({ media: 'print' });
    const cut = await page
      .locator('.hits li')
      .evaluateAll((all) => all.filter((e) => e.getBoundingClientRect().right > innerWidth).length);
    assert.equal(cut, 0);
  },
  { needsSix: true },
);

onPage(
  'compare opens with the pictures that the models dispute most',
  async (page, server) => {
    await visit(page, server, '#/flags/compare');
    await page.getByRole('heading', { name: 'Most disputed' }).waitFor();
    const first = page.locator('main li a').first();
    await first.getByText(/\d+ % in common/).waitFor();
    await first.click();
    await page.waitForURL(/compare\?q=/);
    await page.getByRole('region', { name: 'fused' }).waitFor();
  },
  { needsSix: true },
);
