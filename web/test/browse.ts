// Browsing, and how pictures come there: orders, the folders of the server, and what is dropped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { copyFileSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawn, open, visit, type Page } from './browser.ts';
import { onPage, shared } from './shared.ts';
import { akin, flags, freePort, makeFolder, root, Server } from './server.ts';

/** The names of the pictures at the top, in their order. */
async function names(page: Page, most: number): Promise<string[]> {
  await page
    .locator('.results[aria-busy=false] .grid > li')
    .nth(most - 1)
    .waitFor();
  const all = await page.locator('.grid .name').evaluateAll((e) => e.map((n) => n.getAttribute('title')!));
  return all.slice(0, most);
}

onPage('pictures are browsed by name, size and date, which the link keeps', async (page, server) => {
  const album = makeFolder('dated');
  // When each was written, by hand.
  const dated: [name: string, date: string][] = [
    ['img10', '2024-07-31'],
    ['img9', '2024-07-01'],
    ['Zoë', '2023-02-14'],
    ['apple', '2023-02-13'],
  ];
  const files = readdirSync(flags)
    .filter((f) => statSync(join(flags, f)).isFile())
    .slice(0, 4);
  dated.forEach(([name, date], i) => {
    const path = join(album, `${name}.png`);
    copyFileSync(join(flags, files[i]!), path);
    const at = new Date(`${date}T12:00:00`);
    utimesSync(path, at, at);
  });
  akin('-c', 'dated', '-q', 'index', album);
  await visit(page, server, '#/dated/search');
  const sort = page.getByLabel('Sort by');
  await sort.selectOption({ label: 'Name, A to Z' });
  await page.waitForURL(/sort=name/);
  await page.waitForFunction(() => document.querySelector('.grid .name')?.getAttribute('title') === 'apple');
  assert.deepEqual(await names(page, 4), ['apple', 'img9', 'img10', 'Zoë']);
  await sort.selectOption({ label: 'Newest' });
  await page.getByRole('heading', { level: 2, name: 'July 2024' }).waitFor();
  assert.deepEqual(await names(page, 4), ['img10', 'img9', 'Zoë', 'apple']);
  assert.deepEqual(await page.locator('.table h2').allInnerTexts(), ['July 2024 (2)', 'February 2023 (2)']);
  await page.goBack();
  assert.equal(await sort.inputValue(), 'name');
  await page.waitForFunction(() => document.querySelector('.grid .name')?.getAttribute('title') === 'apple');
  await sort.selectOption({ label: 'Largest files' });
  const bySize = dated
    .map(([name]) => ({ name, size: statSync(join(album, `${name}.png`)).size }))
    .sort((a, b) => b.size - a.size);
  await page.waitForFunction(
    (first) => document.querySelector('.grid .name')?.getAttribute('title') === first,
    bySize[0]!.name,
  );
  assert.deepEqual(
    await names(page, 4),
    bySize.map((b) => b.name),
  );
  await page.reload();
  assert.deepEqual(
    await names(page, 4),
    bySize.map((b) => b.name),
  );
  assert.equal(await sort.inputValue(), '-size');
});

/** Pictures whose metadata internal/picture/testdata/metadata/make.sh wrote, in a collection. */
function photographs(): void {
  const album = makeFolder('photographs');
  const made = join(root, 'internal', 'picture', 'testdata', 'metadata');
  const written: [name: string, from: string, year: number][] = [
    ['eiffel.jpg', 'all.jpg', 2024], // NIKON D850, four stars, Paris and été, a position
    ['opera.jpg', 'exif.jpg', 2024], // Canon EOS R5, a position
    ['phone.png', 'xmp.png', 2023], // Apple iPhone 15, rejected
    ['plain.jpg', 'plain.jpg', 2022],
  ];
  for (const [name, from, year] of written) {
    const path = join(album, name);
    copyFileSync(join(made, from), path);
    const at = new Date(`${year}-06-01T12:00:00`);
    utimesSync(path, at, at);
  }
  akin('-c', 'photographs', '-q', 'index', album);
}

onPage('pictures are chosen by cameras, stars and years, each with its number', async (page, server) => {
  photographs();
  await visit(page, server, '#/photographs/search?sort=name');
  assert.deepEqual(await names(page, 4), ['eiffel', 'opera', 'phone', 'plain']);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const values = (facet: string) => page.getByRole('group', { name: facet }).getByRole('button');
  const left = async (...want: string[]) => {
    await page.waitForFunction((n) => document.querySelectorAll('.grid .name').length === n, want.length);
    assert.deepEqual(await names(page, want.length), want);
  };
  await values('Camera').first().waitFor();
  assert.deepEqual(await values('Year').allInnerTexts(), ['2024\n2', '2023\n1', '2022\n1']);
  assert.deepEqual(await values('Camera').allInnerTexts(), ['Apple iPhone 15\n1', 'Canon EOS R5\n1', 'NIKON D850\n1']);
  assert.deepEqual(await values('Rating').allInnerTexts(), ['★★★★\n1']);

  await values('Year').first().click();
  await left('eiffel', 'opera');
  await page.waitForURL(/taken=2024/);
  await values('Camera').nth(1).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role=group][aria-label=Camera] button').length === 2);
  assert.equal(await values('Year').count(), 3, 'other years can still be chosen');
  await values('Camera').getByText('NIKON D850').click();
  await left('eiffel');
  await values('Camera').getByText('Canon EOS R5').click(); // either of them
  await left('eiffel', 'opera');
  await page.reload();
  await left('eiffel', 'opera');
  await page.getByRole('button', { name: 'Remove the filter Camera: NIKON D850' }).click();
  await left('opera');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await left('eiffel', 'opera', 'phone', 'plain');

  await page.getByRole('textbox', { name: 'Near' }).fill('-33.86, 151.22, 5');
  await page.keyboard.press('Tab');
  await left('opera');
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByRole('textbox', { name: 'Words of the caption' }).fill('aube tour');
  await page.keyboard.press('Tab');
  await left('eiffel');
  await page.waitForURL(/caption=aube/);
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await values('Keyword').getByText('Paris').click();
  await left('eiffel');

  await visit(page, server, '#/photographs/search?q=plain&camera=Canon+EOS+R5&camera=NIKON+D850');
  await page.locator('.results[aria-busy=false] .grid > li').nth(1).waitFor();
  assert.deepEqual((await names(page, 2)).sort(), ['eiffel', 'opera']);
});

onPage('the folders of the server are walked through by mouse and keyboard', async (page, server) => {
  const root = makeFolder('walk');
  for (const name of ['b10', 'b9', '.hidden', 'node_modules', 'a/deep'])
    mkdirSync(join(root, name), { recursive: true });
  symlinkSync(join(root, 'a'), join(root, 'link'));
  copyFileSync(join(flags, 'Chad.png'), join(root, 'Chad.png'));
  writeFileSync(join(root, 'notes.txt'), 'hello');
  await visit(page, server, `#/flags/index?at=${encodeURIComponent(root)}`);
  const list = page.getByRole('region', { name: 'Folders of the server' });
  await list.getByText('1 picture directly in it').waitFor();
  assert.deepEqual(await list.locator('li bdi').allInnerTexts(), ['a', 'b9', 'b10', 'link']);
  await list.getByRole('button', { name: 'a', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/walk\/a$/);
  await list.getByRole('button', { name: 'deep' }).waitFor();
  await list.getByRole('button', { name: 'deep' }).focus();
  await page.keyboard.press('Backspace'); // up
  await page.waitForURL(/walk$/);
  await list.getByRole('button', { name: 'b10' }).waitFor();
  await page.goBack();
  await list.getByRole('button', { name: 'deep' }).waitFor();
});

/** Drags a file or folder of this machine onto the page, as a person does. */
async function dropPath(page: Page, path: string) {
  const { width, height } = page.viewportSize()!;
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: width / 4, y: height / 2, data });
}

onPage(
  'a folder that is dropped is sent, indexed and shown',
  async (page, server) => {
    const folder = makeFolder('Trip to the sea');
    mkdirSync(join(folder, 'day 1', '.cache'), { recursive: true });
    copyFileSync(join(flags, 'Chad.png'), join(folder, 'day 1', 'first.png'));
    copyFileSync(join(flags, 'Mali.png'), join(folder, 'second.png'));
    copyFileSync(join(flags, 'Italy.png'), join(folder, 'day 1', '.cache', 'hidden.png'));
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    writeFileSync(join(folder, 'notes.txt'), 'hello');
    await fetch(`${server.url}/api/v1/collections`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'dropped' }),
    });
    akin('-c', 'dropped', '-q', 'index', join(flags, 'India.png'));
    await visit(page, server, '#/dropped/search');
    await drawn(page, '.grid img');
    await dropPath(page, folder);
    await page.waitForURL(/dropped\/index\?device=1/);
    await page.getByText('3 pictures,').waitFor();
    await page.getByText('1 other file left out').waitFor();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Indexed: 2 added').waitFor({ timeout: 60_000 });
    await page.getByText('1 file not taken').click();
    await page.getByText('Trip to the sea/broken.png', { exact: true }).waitFor();
    await visit(page, server, '#/dropped/search?sort=name');
    assert.deepEqual(await names(page, 3), ['first', 'India', 'second']);
  },
  { expects: [/415 .*files/] },
);

test('a first visit: a folder, a model, and the pictures come', { timeout: 180_000 }, async (t) => {
  const home = makeFolder('nobody');
  const pictures = join(home, 'My pictures');
  mkdirSync(pictures);
  for (const name of ['Chad', 'Romania', 'Mali'])
    copyFileSync(join(flags, `${name}.png`), join(pictures, `${name}.png`));
  execFileSync('tar', ['-cf', join(pictures, 'more.tar'), '-C', flags, 'Italy.png', 'Peru.png']);
  const server = await new Server(await freePort(), [], 'none', join(home, 'data')).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server);
  await visit(page, server, '');
  await page.getByRole('heading', { level: 1, name: 'Which pictures look alike?' }).waitFor();
  await page.getByLabel('Folder, file or list').fill(pictures);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Use this folder' }).click();
  await page.getByText('3 pictures,').waitFor();
  assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 1);
  assert.ok((await page.getByRole('checkbox').count()) >= 3, 'models for colour, looks and words are offered');
  await page
    .getByText(/under a minute/)
    .first()
    .waitFor();
  await page.getByText('Archives, films and PDF files').click();
  await page.getByLabel('Look into archives').check();
  await page.getByLabel('Frames of each film').fill('2'); // there are none
  await page.getByLabel('Frames of each film').fill('0');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('Indexed: 5 added').waitFor({ timeout: 60_000 });
  await page.waitForURL(/#\/default\/index\?job=/);
  await drawn(page, '.pictures img');
  await page.reload(); // the job is in the link
  await page.getByText('Indexed: 5 added').waitFor();
  await page.getByRole('link', { name: 'Search them' }).click();
  await page.locator('.grid > li').nth(2).waitFor();
  await close();
});

test('where folders are fenced in, no other is shown, and nothing is taken', { timeout: 120_000 }, async (t) => {
  const home = makeFolder('fenced');
  for (const name of ['shared/in', 'private']) mkdirSync(join(home, name), { recursive: true });
  const server = await new Server(
    await freePort(),
    ['--index-under', join(home, 'shared')],
    'none',
    join(home, 'data'),
  ).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/403 .*folders/] });
  await visit(page, server, '');
  const list = page.getByRole('region', { name: 'Folders of the server' });
  await list.getByRole('button', { name: 'shared' }).click();
  await list.getByRole('button', { name: 'in', exact: true }).waitFor();
  await page.getByText('This server takes no pictures from others').waitFor();
  await page.getByLabel('Folder, file or list').fill(join(home, 'private'));
  await page.keyboard.press('Enter');
  await list.getByRole('alert').getByText('not in a folder that this server may index').waitFor();
  await close();
});
