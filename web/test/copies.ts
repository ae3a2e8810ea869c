// The page describes duplicates and series in the command line's words.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { open, visit, type Page } from './browser.ts';
import { halved, hills, icon, painted, ticket, ticketNumber } from './drawn.ts';
import { writePNG, type Pixels } from './png.ts';
import { seen } from './seen.ts';
import { onPage, shared } from './shared.ts';
import { akin, freePort, makeFolder, Server } from './server.ts';

const numbers = [26, 34, 48, 59, 83];

function indexed(name: string, pictures: Record<string, Pixels>, links: Record<string, string> = {}): string {
  const folder = makeFolder(name);
  for (const [path, picture] of Object.entries(pictures)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, `${path}.png`), writePNG(picture));
  }
  for (const [path, to] of Object.entries(links)) symlinkSync(join(folder, `${to}.png`), join(folder, `${path}.png`));
  akin('-c', name, '-q', 'index', folder);
  return folder;
}

let album = '';
export function makeAlbum(): string {
  return (album ||= indexed(
    'album',
    {
      'photos/hills': hills(2),
      'photos/hills_again': hills(2),
      'photos/coast': hills(3),
      'photos/coast_small': halved(hills(3)),
      'photos/lake': halved(hills(20)),
      'backups/lake_large': hills(20),
      'photos/white': painted(100, 100, () => [255, 255, 255]),
      ...Object.fromEntries(numbers.map((n) => [`tickets/ticket_${n}`, ticket(n)])),
    },
    { 'photos/hills_link': 'photos/hills' },
  ));
}

export function makeTickets() {
  indexed('tickets', {
    ...Object.fromEntries(numbers.map((n) => [`ticket_${n}`, ticket(n)])),
    ticket_26_light: ticket(26, 6),
  });
}

export function makeTiny() {
  indexed('tiny', Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`icon_${i}`, icon(12, i + 1)])));
}

/** Looks for near duplicates too, beside the exact ones that the view opens with, and waits until they are shown. */
export async function find(page: Page) {
  const button = page.locator('main form button.primary:enabled');
  const near = button.filter({ hasText: /^(Find near duplicates|Run again)$/ });
  await near.waitFor(); // the job that the view opens with has ended
  const begun = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/jobs'));
  await near.click();
  const { id } = (await (await begun).json()) as { id: string };
  await page.waitForURL(new RegExp(`dupes=${id}`));
  await button.filter({ hasText: 'Run again' }).waitFor({ timeout: 120_000 });
  await page.locator('.result:not(.old) .reliability').waitFor();
}

/** What is said below a picture, a line each; of a picture that is there twice, in the copies first. */
async function said(page: Page, name: string): Promise<string[]> {
  const picture = page.locator('.pictures > li', {
    has: page.getByRole('button', { name: `Details of ${name}`, exact: true }),
  });
  const lines = (await picture.first().innerText()).split('\n');
  return lines.map((l) => l.trim()).filter(Boolean);
}

const part = (page: Page, title: string) =>
  page.locator('.result h2', { hasText: title }).locator('xpath=following-sibling::ol[1]');

onPage(
  'series, links, better duplicates and blank pictures are described in the command line’s words',
  async (page, server) => {
    const folder = makeAlbum();
    await visit(page, server, '#/album/duplicates');
    await find(page);

    for (const line of [
      '3 groups of duplicates in 13 pictures; 2 pictures can be removed,',
      '1 series: 5 pictures that are similar but not duplicates. All are kept.',
      '1 duplicate is kept: better than the best of the group, which is in a preferred folder.',
    ]) {
      await page.locator('.result').getByText(line).waitFor();
      assert.ok(akin('-c', 'album', 'dupes').includes(line), `${line} is not what the command line says`);
    }

    assert.equal(await part(page, 'Groups').locator('> li').count(), 3);
    assert.deepEqual((await said(page, 'hills_again')).slice(0, 2), ['hills again', 'exact, remove']);
    assert.equal((await said(page, 'hills'))[1], 'best: the oldest of equals');
    assert.equal((await said(page, 'coast_small'))[1], 'near, remove');
    assert.match((await said(page, 'coast_small')).join(), /distance 0\.\d\d/);
    assert.equal((await said(page, 'lake'))[1], 'best: not in a folder for copies');
    assert.equal((await said(page, 'lake_large'))[1], 'near, keep: better');
    const link = await said(page, 'hills_link');
    assert.equal(link[1], 'exact, link');
    assert.ok(link.includes(`links to ${join(folder, 'photos', 'hills.png')}`), link.join('; '));

    const series = part(page, 'Series');
    const names = await series.locator('.pictures > li .name').allInnerTexts();
    assert.deepEqual(
      names.sort(),
      numbers.map((n) => `ticket ${n}`),
    );
    for (const n of numbers) {
      const lines = await said(page, `ticket_${n}`);
      assert.equal(lines[1], 'series, keep');
      assert.ok(lines.includes('a place differs'), lines.join('; '));
    }
    // The box lies where the number is.
    await series.locator('.place').first().scrollIntoViewIfNeeded();
    const { x, y, ratio } = await series
      .locator('.fit')
      .first()
      .evaluate((fit) => {
        const [whole, box] = [fit.getBoundingClientRect(), fit.querySelector('.place')!.getBoundingClientRect()];
        const [middleX, middleY] = [box.x + box.width / 2 - whole.x, box.y + box.height / 2 - whole.y];
        return {
          x: (480 * middleX) / whole.width,
          y: (320 * middleY) / whole.height,
          ratio: whole.width / whole.height,
        };
      });
    const { left, top, size } = ticketNumber;
    assert.ok(left - 2 * size < x && x < left + 9 * size && top - 2 * size < y && y < top + 7 * size, `${x} ${y}`);
    assert.ok(Math.abs(ratio - 1.5) < 0.02, `${ratio}`);
    await seen(page, 5);

    await page.getByText('1 picture is blank: only equal files count as duplicates of it').click();
    await page.getByText(join(folder, 'photos', 'white.png')).waitFor();

    await page.getByRole('button', { name: 'Copy paths of removable files' }).waitFor();
    await page.getByRole('button', { name: 'Details of ticket_34' }).click();
    await page.getByRole('dialog', { name: 'ticket 34' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('dialog', { name: 'ticket 48' }).waitFor();
  },
);

onPage('duplicates that are kept because too many false matches are expected are listed', async (page, server) => {
  makeTickets();
  await visit(page, server, '#/tickets/duplicates');
  await find(page);
  await page.getByText('1 group of duplicates in 6 pictures; 0 pictures can be removed, 0 B.').waitFor();
  const why = 'a picture in it has a lookalike that differs, and more false matches are expected than';
  await page.getByText(`1 group is kept: ${why} is allowed.`).waitFor();
  assert.ok(akin('-c', 'tickets', 'dupes').includes(`1 group is kept: ${why} --max-wrong allows.`));
  await page.getByText('kept: one of these has a lookalike that differs').waitFor();
  assert.equal((await said(page, 'ticket_26_light'))[1], 'near, keep: unsure');
  assert.match((await said(page, 'ticket_26'))[1]!, /^best: /);
  await page.getByText(/ 6 pictures have a lookalike that differs.*\. Expected false matches: /).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Copy paths' }).count(), 0);
});

onPage('a low recall comes first', async (page, server) => {
  makeTiny();
  await visit(page, server, '#/tiny/duplicates');
  await find(page);
  const line = akin('-c', 'tiny', 'dupes').split('\n')[0]!;
  const start =
    /^Low recall: only \d+ % of the duplicates made of these pictures are found, so others are missed too\./.exec(line);
  assert.ok(start, line);
  const first = await page.locator('.result').innerText();
  assert.ok(first.trim().startsWith(start[0]), first.slice(0, 200));
  assert.ok(!first.includes('--'), first);
});

onPage('duplicates open with the exact ones, and say that near ones were not looked for', async (page, server) => {
  indexed('instant', {
    hills: hills(2),
    hills_again: hills(2),
    coast: hills(3),
    coast_small: halved(hills(3)),
  });
  await visit(page, server, '#/instant/duplicates');
  await page.getByText('1 group of exact duplicates in 4 pictures; 1 picture can be removed,').waitFor();
  await page.getByText('Only files with equal bytes.').waitFor();
  const line = await page.locator('.sum p').first().innerText();
  assert.ok(akin('-c', 'instant', 'dupes', '--exact').includes(line), `${line} is not what the command line says`);
  assert.match((await said(page, 'hills'))[1]!, /^best: /);
  assert.equal(await page.getByRole('button', { name: 'Details of coast_small', exact: true }).count(), 0);
  const kinds = () => page.locator('.result h2 + ol > li header strong').allInnerTexts();
  assert.deepEqual(await kinds(), ['Exact duplicates']);
  await page.getByRole('button', { name: 'Find near duplicates' }).waitFor();
  await find(page);
  await page.getByText('2 groups of duplicates in 4 pictures; 2 pictures can be removed,').waitFor();
  assert.equal(await page.getByText('Only files with equal bytes.').count(), 0);
  // Exact ones alone are what was asked for here, so there is nothing else to find.
  await page.getByLabel('Exact duplicates only').check();
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByText('1 group of exact duplicates in 4 pictures').waitFor();
  await page.getByRole('button', { name: 'Run again' }).waitFor();
});

onPage('duplicates are reviewed side by side by keyboard, in turn and by their difference', async (page, server) => {
  makeAlbum();
  await visit(page, server, '#/album/duplicates');
  await find(page);
  await page.getByRole('button', { name: 'Review side by side' }).click();
  const dialog = page.getByRole('dialog');
  const status = dialog.getByRole('status').first();
  const pairs = Number(/of (\d+)/.exec(await status.innerText())![1]);
  assert.ok(pairs >= 3, `${pairs} pairs`);
  assert.equal(await dialog.locator('.stage img').count(), 2);
  const shown = () => dialog.locator('.stage img:not(.away)').getAttribute('alt');
  await page.keyboard.press('Space');
  const first = await shown();
  await page.keyboard.press('Space');
  assert.notEqual(await shown(), first);
  await page.keyboard.press('d');
  await dialog.getByText(/^\d+\.\d % of the pixels differ/).waitFor();
  await page.keyboard.press('j');
  await dialog.getByText(`2 of ${pairs}`).waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('3'); // both stay: the next one is shown
  await dialog.getByText(`2 of ${pairs}`).waitFor();
  await page.keyboard.press('u');
  await dialog.getByText(`1 of ${pairs}`, { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('button', { name: 'Mark as not reviewed' }).count(), 0);
});

const fateOf = async (page: Page, name: string) => (await said(page, name))[1];
const tagsOf = (collection: string) =>
  (JSON.parse(akin('-c', collection, '--json', 'tag', 'list')) as { tags: { tag: string; pictures: number }[] }).tags;

onPage('which copy stays is chosen by key and by click, and kept', async (page, server) => {
  indexed('choice', {
    'photos/hills': hills(2),
    'photos/hills_again': hills(2),
    'photos/coast': hills(3),
    'photos/coast_small': halved(hills(3)),
  });
  await visit(page, server, '#/choice/duplicates');
  await find(page);
  assert.equal(await fateOf(page, 'coast_small'), 'near, remove');
  await page.getByRole('button', { name: 'Keep this one: coast_small' }).click();
  await page.getByText('best: your choice').waitFor();
  assert.equal(await fateOf(page, 'coast_small'), 'best: your choice');
  assert.equal(await fateOf(page, 'coast'), 'near, remove');

  await page.getByRole('button', { name: 'Review side by side' }).click();
  const dialog = page.getByRole('dialog');
  const first = (name: string) =>
    dialog
      .locator('.two .name')
      .first()
      .and(page.getByText(name, { exact: true }));
  await first('coast small').waitFor();
  await page.keyboard.press('j');
  await first('hills').waitFor();
  await page.keyboard.press('2'); // the second stays
  await first('hills again').waitFor();
  assert.deepEqual(tagsOf('choice'), [{ tag: 'keep', pictures: 2 }]);
  await page.keyboard.press('u');
  await first('hills').waitFor();
  assert.deepEqual(tagsOf('choice'), [{ tag: 'keep', pictures: 1 }]);
  await page.keyboard.press('2');
  await first('hills again').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await fateOf(page, 'hills_again'), 'best: your choice');
  assert.equal(await fateOf(page, 'hills'), 'exact, remove');

  // A new search goes by it, in the page and on the command line.
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByText('best: tagged keep').nth(1).waitFor({ timeout: 120_000 });
  const paths = akin('-c', 'choice', 'dupes', '--format', 'paths').trim().split('\n');
  assert.deepEqual(paths.map((p) => p.split('/').at(-1)).sort(), ['coast.png', 'hills.png']);
  assert.equal(await page.getByRole('button', { name: /to the trash/ }).count(), 0, 'this server moves no files');
});

test('files go to the trash and come back where the server allows it', { timeout: 180_000 }, async (t) => {
  const data = makeFolder('trash-data');
  const where = makeFolder('trash-home');
  const server = await new Server(await freePort(), ['--allow-trash'], 'own', where, { XDG_DATA_HOME: data }).start();
  t.after(() => server.end());
  const folder = makeFolder('to-trash');
  for (const name of ['hills', 'hills_again']) writeFileSync(join(folder, `${name}.png`), writePNG(hills(2)));
  const [stays, goes] = ['hills', 'hills_again'].map((name) => join(folder, `${name}.png`)) as [string, string];
  const before = readFileSync(stays);
  server.akin('-c', 'album', '-q', 'index', folder);
  const { page, close } = await open(shared.browser, server);
  await page.goto(server.printed.trim());
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
  await visit(page, server, '#/album/duplicates');
  await find(page);
  await page.getByRole('button', { name: 'Move 1 file to the trash …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move to the trash' });
  await dialog.getByText(goes).waitFor();
  await dialog.getByText(join(data, 'Trash')).waitFor();
  assert.ok(existsSync(goes), 'nothing is moved before that is said');
  // While files move it stays open, so that what was moved is told.
  await dialog.getByRole('button', { name: 'Move 1 file to the trash' }).click();
  await page.keyboard.press('Escape');
  await page.getByText('moved to the trash.').waitFor();
  await page.getByText('1 picture: no duplicates.').waitFor();
  assert.ok(!existsSync(goes) && existsSync(stays));
  const files = join(data, 'Trash', 'files');
  assert.deepEqual(readdirSync(files), ['hills_again.png']);
  assert.ok(readFileSync(join(files, 'hills_again.png')).equals(before));
  await page.getByText('Which, and where they are').click();
  await page.getByText(join(files, 'hills_again.png')).waitFor();

  // It is offered still when one comes back from elsewhere.
  await page.getByRole('link', { name: 'Tags', exact: true }).click();
  await page.getByRole('link', { name: 'Duplicates', exact: true }).click();
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.getByText('1 file is back where it was.').waitFor();
  assert.ok(readFileSync(goes).equals(before));
  assert.deepEqual(readdirSync(files), []);
  const listed = () => JSON.parse(server.akin('-c', 'album', '--json', 'info')) as { pictures: number };
  for (let i = 0; i < 40 && listed().pictures < 2; i++) await page.waitForTimeout(250);
  assert.equal(listed().pictures, 2, 'it is in the collection again');
  await close();
});
