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
