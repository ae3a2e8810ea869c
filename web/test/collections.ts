// Collections: which one opens, what is said of a folder that cannot be indexed, what other tabs are told, and what a view
// says that cannot be loaded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, visit } from './browser.ts';
import { onPage, shared } from './shared.ts';
import { freePort, Server } from './server.ts';

onPage(
  'a folder that is not there is refused at its field, which keeps it',
  async (page, server) => {
    await visit(page, server, '#/flags/index');
    const field = page.getByLabel('Folder, file or list');
    for (const path of ['/no/such/folder', 'relative/folder']) {
      await field.fill(path);
      await page.getByRole('button', { name: 'Open' }).click();
      const said = page.locator('form', { has: field }).getByRole('alert');
      await said.getByText(path).waitFor();
      assert.equal(await field.inputValue(), path);
      assert.equal(await field.getAttribute('aria-invalid'), 'true');
      const described = await field.getAttribute('aria-describedby');
      assert.equal(await said.getAttribute('id'), described);
      const [at, below] = [(await field.boundingBox())!, (await said.boundingBox())!];
      assert.ok(below.y - (at.y + at.height) < 48, 'it is said below the field');
      await field.fill(`${path}x`);
      await said.waitFor({ state: 'detached' });
    }
  },
  { expects: [/422 .*folders/] },
);

onPage('a link without a collection opens the last one used, else the largest', async (page, server) => {
  const made = await fetch(`${server.url}/api/v1/collections`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'abandoned' }), // before "flags" in the list, and empty
  });
  assert.ok(made.ok, await made.text());
  await page.goto(server.url);
  await page.locator('.grid img').first().waitFor();
  await page.waitForFunction(() => document.title.includes('flags'));
  await visit(page, server, '#/abandoned/search');
  await page.waitForFunction(() => document.title.includes('abandoned'));
  await page.goto(server.url);
  await page.waitForFunction(() => document.title.includes('abandoned'));
  await fetch(`${server.url}/api/v1/collections/abandoned`, { method: 'DELETE' });
});

onPage(
  'a collection is renamed, removed once its name is typed, and brought back',
  async (page, server) => {
    const collections = async () =>
      (
        (await (await fetch(`${server.url}/api/v1/collections`)).json()) as { collections: { name: string }[] }
      ).collections.map((c) => c.name);
    await visit(page, server, '#/flags/collections');
    await page.getByLabel('New collection').fill('drafts');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: 'drafts' }).waitFor();
    await page.getByLabel('Rename to').fill('flags');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('alert').getByText('exists').waitFor();
    await page.getByLabel('Rename to').fill('sketches');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { level: 1, name: 'sketches' }).waitFor();
    assert.deepEqual(
      (await collections()).filter((n) => n === 'drafts' || n === 'sketches'),
      ['sketches'],
    );
    const remove = page.getByRole('button', { name: 'Remove', exact: true });
    assert.ok(await remove.isDisabled());
    await page.getByLabel('to remove it').fill('sketche');
    assert.ok(await remove.isDisabled());
    await page.getByLabel('to remove it').fill('sketches');
    await remove.click();
    await page.getByText('sketches was removed').waitFor();
    assert.ok(!(await collections()).includes('sketches'));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { level: 1, name: 'sketches' }).waitFor();
    assert.ok((await collections()).includes('sketches'));
    await page.getByLabel('to remove it').fill('sketches');
    await remove.click();
    await page.getByText('sketches was removed').waitFor();
  },
  { expects: [/409 .*collections/] },
);

onPage('other tabs learn of a tag and of the theme', async (page, server) => {
  await visit(page, server, '#/flags/search?look=Chad');
  const other = await page.context().newPage();
  await other.goto(`${server.url}/#/flags/search?look=Chad`);
  const tag = `seen ${Date.now()}`;
  for (const tab of [other, page]) await tab.getByRole('dialog').getByLabel('Add tag').waitFor();
  await page.getByLabel('Add tag').fill(tag);
  await page.keyboard.press('Enter');
  await other.getByRole('dialog').getByText(tag).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('t');
  await other.waitForFunction((t) => document.documentElement.dataset['theme'] === t, 'light');
  await other.close();
});

test(
  'a view that is opened while the server is away says so, and opens when it is back',
  { timeout: 120_000 },
  async (t) => {
    const server = await new Server(await freePort()).start();
    t.after(() => server.end());
    const { page, close } = await open(shared.browser, server, { expects: [/net::ERR_/, /module/] });
    await visit(page, server, '#/flags/search');
    await page.locator('.grid img').first().waitFor();
    await server.end('SIGKILL');
    await page.evaluate(() => (location.hash = '#/flags/models'));
    const said = page.getByRole('alert');
    await said.getByText('The server does not answer. This view opens as soon as it is back.').waitFor();
    const { x } = (await said.boundingBox())!;
    assert.ok(x >= 12, 'it keeps its distance from the edge');
    await server.start();
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
    await close();
  },
);
