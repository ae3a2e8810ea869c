// The frame of the page: its menu, tabs and controls.
import assert from 'node:assert/strict';
import { visit } from './browser.ts';
import { onPage } from './shared.ts';
import { makeAlbum } from './copies.ts';

onPage('the arrows walk the list of collections, and only a choice leaves', async (page, server) => {
  makeAlbum();
  await visit(page, server, '#/flags/search?q=Chad');
  await page.getByRole('button', { name: /^Collection/ }).press('Enter');
  const focused = () => page.evaluate(() => document.activeElement?.querySelector('bdi')?.textContent);
  await page.keyboard.press('Tab');
  const first = await focused();
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await focused(), first);
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), first);
  assert.match(page.url(), /#\/flags\/search\?q=Chad$/);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: /^album/ }).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: /^Collection/ }).click();
  await page.getByRole('link', { name: /^album/ }).click();
  await page.waitForURL(/#\/album\/search$/);
});

for (const colorScheme of ['light', 'dark'] as const) {
  onPage(
    `which of several is chosen stands out from its track, ${colorScheme}`,
    async (page, server) => {
      await visit(page, server, '#/flags/evaluate');
      const ratios = await page.locator('.segments button[aria-checked=true]').evaluateAll((all) =>
        all.map((chosen) => {
          const light = (colour: string) => {
            const [r, g, b] = colour.match(/[\d.]+/g)!.map((v) => {
              const c = Number(v) / 255;
              return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
          };
          const edge = light(getComputedStyle(chosen).borderTopColor);
          const track = light(getComputedStyle(chosen.parentElement!).backgroundColor);
          return (Math.max(edge, track) + 0.05) / (Math.min(edge, track) + 0.05);
        }),
      );
      assert.ok(ratios.length >= 2, 'of the page and of the theme');
      for (const ratio of ratios) assert.ok(ratio >= 3, `${ratio.toFixed(2)}, WCAG 1.4.11 asks for 3`);
    },
    { colorScheme },
  );
}

onPage(
  'a phone has tabs at its lower edge, wide enough for a finger',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    const more = page.getByRole('button', { name: 'More', exact: true });
    const tabs = ['Search', 'Compare', 'Map'].map((name) => page.getByRole('link', { name, exact: true }));
    for (const tab of [...tabs, more]) {
      const box = (await tab.boundingBox())!;
      assert.ok(box.width >= 44 && box.height >= 44, `${box.width} × ${box.height}`);
      assert.ok(box.y > 750, 'at the lower edge');
    }
    await more.tap();
    for (const item of await page.locator('#menu :is(a, button):visible').all()) {
      const box = (await item.boundingBox())!;
      assert.ok(box.height >= 44, `${await item.innerText()}: ${box.height}`);
    }
    await page.locator('.veil').tap({ position: { x: 20, y: 20 } });
    await page.getByRole('link', { name: 'Duplicates' }).waitFor({ state: 'hidden' });
    assert.match(page.url(), /search\?q=Chad$/);
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);

onPage(
  'digits are of one width in numbers and tables only: elsewhere they would widen hyphens',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad&look=Romania');
    await page
      .getByRole('dialog')
      .locator('table')
      .waitFor({ timeout: 10_000 })
      .catch(() => {});
    const wide = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      while (walker.nextNode()) {
        const e = walker.currentNode.parentElement!;
        if (!walker.currentNode.textContent!.trim() || e.closest('table, .number, input')) continue;
        if (getComputedStyle(e).fontVariantNumeric.includes('tabular')) found.push(e.textContent!.slice(0, 40));
      }
      return found;
    });
    assert.deepEqual(wide, []);
  },
);
