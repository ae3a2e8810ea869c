// The searches that this browser keeps: those that were saved, and the last ones.
import assert from 'node:assert/strict';
import { visit, waitForHits, type Page } from './browser.ts';
import { onPage } from './shared.ts';
import { answer, type Server } from './server.ts';

const listed = async (page: Page, heading: string) =>
  page
    .locator('.searches .list')
    .filter({ has: page.getByRole('heading', { name: heading }) })
    .locator('a')
    .allInnerTexts();
const nearest = (name: string) => answer<{ hits: { name: string }[] }>('search', name, '--top', '1').hits[0]!.name;
const field = (page: Page) => page.getByRole('combobox', { name: 'Picture name' });

/** Searches as a person does: types a name and presses Enter. */
async function search(page: Page, name: string) {
  await field(page).fill(name);
  await page.getByRole('option', { name, exact: false }).first().waitFor();
  await page.keyboard.press('Enter');
  await waitForHits(page, nearest(name));
}

async function home(page: Page, server: Server) {
  await visit(page, server, '#/flags/search');
  await page.locator('.grid > li').first().waitFor();
}

onPage('the last searches are kept, the newest first, and are made again', async (page, server) => {
  await home(page, server);
  assert.equal(await page.locator('.searches').count(), 0, 'nobody has searched');
  await search(page, 'Chad');
  await search(page, 'Italy');
  await home(page, server);
  assert.deepEqual(await listed(page, 'Recent'), ['Italy', 'Chad']);
  await page.locator('.searches').getByRole('link', { name: 'Chad' }).click();
  await waitForHits(page, nearest('Chad'));
  assert.match(page.url(), /search\?q=Chad$/);

  // One that is made once more is listed once, at the top; one is forgotten by its ×; a filter is a search of its own.
  await home(page, server);
  await search(page, 'Chad');
  await home(page, server);
  assert.deepEqual(await listed(page, 'Recent'), ['Chad', 'Italy']);
  await page.getByRole('button', { name: 'Forget the search Italy' }).click();
  assert.deepEqual(await listed(page, 'Recent'), ['Chad']);
  await page.reload();
  await page.locator('.searches').waitFor();
  assert.deepEqual(await listed(page, 'Recent'), ['Chad']);
});

onPage('a search is saved under a name, with all of its link, and deleted', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&q=-0.5:France&names=*a*');
  await page.locator('.results .grid .name').first().waitFor();
  const names = async () =>
    page.locator('.results .grid .name').evaluateAll((all) => all.map((e) => e.getAttribute('title')));
  const found = await names();
  await page.getByRole('button', { name: 'Save the search' }).click();
  const name = page.getByRole('dialog', { name: 'Save the search' }).getByLabel('Name');
  assert.equal(await name.inputValue(), 'Chad - France', 'what it is called unless one says otherwise');
  // What is typed takes its place at once.
  assert.ok(await name.evaluate((e) => e === document.activeElement));
  await page.keyboard.type('blue, <b>yellow</b>');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(
    await page.getByRole('button', { name: 'Delete the saved search' }).getAttribute('aria-pressed'),
    'true',
  );

  await home(page, server);
  assert.deepEqual(await listed(page, 'Saved'), ['blue, <b>yellow</b>']);
  // Another tab knows it at once.
  const other = await page.context().newPage();
  await visit(other, server, '#/flags/search');
  assert.deepEqual(await listed(other, 'Saved'), ['blue, <b>yellow</b>']);
  await page.locator('.searches').getByRole('link', { name: 'yellow' }).click();
  await page.waitForURL(/q=Chad&q=-0\.5%3AFrance|q=Chad&q=-0\.5:France/);
  await page.locator(`.results .grid li:first-child .name[title="${found[0]}"]`).waitFor(); // home has a grid as well
  assert.deepEqual(await names(), found);
  await page.getByRole('button', { name: 'Delete the saved search' }).click();
  await page.getByRole('button', { name: 'Save the search' }).waitFor();
  await other.locator('.searches .saved').waitFor({ state: 'detached' });
  await home(page, server);
  assert.equal(await page.getByRole('heading', { name: 'Saved' }).count(), 0);
});

onPage('what the browser keeps of searches may be damaged, or not be kept at all', async (page, server) => {
  for (const damaged of ['{"saved": 7', '{"saved": 7, "recent": [null, {"link": 3}]}', 'null']) {
    await home(page, server);
    await page.evaluate((text) => localStorage.setItem('akin-searches-flags', text), damaged);
    await home(page, server);
    assert.equal(await page.locator('.searches').count(), 0, damaged);
  }
  await search(page, 'Chad');
  await page.getByRole('button', { name: 'Save the search' }).waitFor();
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await visit(page, server, '#/flags/search?q=Italy');
  await page.getByRole('button', { name: 'Save the search' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('kept for now');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Delete the saved search' }).waitFor();
});
