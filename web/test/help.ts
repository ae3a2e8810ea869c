// Help in place: each view leads to its page of the documentation, which the server has, and names its keys.
import assert from 'node:assert/strict';
import { violations } from './axe.ts';
import { visit } from './browser.ts';
import { seen } from './seen.ts';
import { onPage } from './shared.ts';
import { views } from '../src/views.ts';

onPage('each view leads to its page of help', async (page, server) => {
  for (const view of views) {
    await visit(page, server, `#/flags/${view.name}`);
    const link = page.getByRole('link', { name: `Help on ${view.title}, in a new tab` });
    const [help] = await Promise.all([page.waitForEvent('popup'), link.click()]);
    await help.getByRole('heading', { level: 1 }).waitFor();
    const [path, heading] = view.help.split('#');
    assert.equal(help.url(), `${server.url}/help/${view.help}`);
    assert.equal(await help.locator('nav [aria-current=page]').count(), 1, `${path} is in the list of pages`);
    if (heading) {
      const top = await help.locator(`#${heading}`).evaluate((e) => e.getBoundingClientRect().top);
      assert.ok(top > -2 && top < 860, `${view.help}: the heading is at ${top} px`);
    }
    await help.close();
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  onPage(
    `pages of help can be read by everyone, ${colorScheme}`,
    async (page, server) => {
      for (const path of ['', 'how-to/web-page', 'reference/measures', 'reference/commands']) {
        await page.goto(`${server.url}/help/${path}`);
        assert.deepEqual(await violations(page), [], path);
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${path} is ${wide} px wider than ${width}`);
        }
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${server.url}/help/how-to/web-page#compare`);
      await seen(page, 1);
      await page.getByRole('navigation', { name: 'Help' }).getByRole('link', { name: 'Queries' }).click();
      await page.waitForURL(/help\/reference\/queries$/);
      await page.getByRole('link', { name: 'akin' }).first().click();
      await page.getByRole('navigation', { name: 'Views' }).waitFor();
    },
    { colorScheme },
  );
}

onPage('the list of keys has those of every view', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const view of views) {
    const row = dialog.locator('dt', { hasText: new RegExp(`^\\s*g\\s*then\\s*${view.key}\\s*$`) });
    assert.equal(await row.locator('xpath=following-sibling::dd[1]').innerText(), view.title);
    if (!view.keys) continue;
    const own = dialog.locator('section', { has: page.getByRole('heading', { name: view.title, exact: true }) });
    assert.equal(await own.locator('dt').count(), view.keys.length);
  }
});
