// Tags: all of them with their counts, another name, two made one, one deleted, each of which is taken back.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { hits, visit, waitForHits, type Page } from './browser.ts';
import { seen } from './seen.ts';
import { onPage } from './shared.ts';
import { akin, flags, makeFolder } from './server.ts';

type Tag = { tag: string; pictures: number };

let made = 0;
/** A collection with tags, of this test alone. */
function tagged(tags: Record<string, string[]>): string {
  const name = `tagged-${++made}`;
  const folder = makeFolder(name);
  for (const flag of ['Chad', 'Romania', 'Mali', 'Guinea', 'France', 'Japan'])
    copyFileSync(join(flags, `${flag}.png`), join(folder, `${flag}.png`));
  akin('-c', name, '-q', 'index', folder);
  for (const [tag, pictures] of Object.entries(tags)) akin('-c', name, '-q', 'tag', 'add', tag, ...pictures);
  return name;
}

/** The tags as the command line lists them. */
const listed = (collection: string): Record<string, number> =>
  Object.fromEntries(
    (JSON.parse(akin('-c', collection, '--json', 'tag', 'list')) as { tags: Tag[] }).tags.map((t) => [
      t.tag,
      t.pictures,
    ]),
  );

const rows = (page: Page) => page.getByRole('list', { name: 'Tags' }).getByRole('listitem');
const row = (page: Page, tag: string) => rows(page).filter({ has: page.getByText(tag, { exact: true }) });
const undo = (page: Page) => page.getByRole('button', { name: 'Undo', exact: true });

onPage('tags are listed with their counts and pictures, and lead to these', async (page, server) => {
  const name = tagged({ stripes: ['Chad', 'Romania', 'Mali'], 'to print': ['Japan'] });
  await visit(page, server, `#/${name}/tags`);
  await row(page, 'stripes').getByText('3 pictures').waitFor();
  await row(page, 'to print').getByText('1 picture').waitFor();
  assert.match(await rows(page).first().innerText(), /^stripes/, 'the most used one comes first');
  await row(page, 'stripes').locator('img').nth(2).waitFor();
  await seen(page, 4);
  await row(page, 'stripes').getByRole('link').click();
  await page.waitForURL(/search\?tag=stripes$/);
  await page.locator('.results .grid > li').nth(2).waitFor();
  assert.equal(await page.locator('.results .grid > li').count(), 3);
});

onPage('a tag gets another name, and the old one back', async (page, server) => {
  const name = tagged({ stripes: ['Chad', 'Romania'] });
  await visit(page, server, `#/${name}/tags`);
  await page.getByRole('button', { name: 'Rename stripes' }).click();
  const field = page.getByLabel('New name of stripes');
  assert.ok(await field.evaluate((e) => e === document.activeElement), 'the field has the focus');
  await field.fill('Trikolore – תג');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await row(page, 'Trikolore – תג').waitFor();
  assert.deepEqual(listed(name), { 'Trikolore – תג': 2 });
  await page.waitForFunction(() => document.activeElement?.matches('li a.about'), undefined, { timeout: 5000 });
  await undo(page).click();
  await row(page, 'stripes').waitFor();
  assert.deepEqual(listed(name), { stripes: 2 });
});

onPage('two tags become one, and are told apart again', async (page, server) => {
  const name = tagged({ stripes: ['Chad', 'Romania', 'Mali'], striped: ['Mali', 'Guinea'] });
  await visit(page, server, `#/${name}/tags`);
  await page.getByRole('button', { name: 'Rename striped' }).click();
  await page.getByLabel('New name of striped').fill('STRIPES');
  await page.getByRole('button', { name: 'Merge into “stripes”' }).click();
  await row(page, 'stripes').getByText('4 pictures').waitFor();
  assert.deepEqual(listed(name), { stripes: 4 });
  await undo(page).click();
  await row(page, 'striped').waitFor();
  assert.deepEqual(listed(name), { stripes: 3, striped: 2 });
  const of = (tag: string) => JSON.parse(akin('-c', name, '--json', 'search', 'Japan', '--tag', tag)).hits;
  const names = (of('striped') as { name: string }[]).map((h) => h.name).sort();
  assert.deepEqual(names, ['Guinea', 'Mali']);
});

onPage('a tag is deleted, and is back on the pictures that had it', async (page, server) => {
  const name = tagged({ stripes: ['Chad', 'Romania'], red: ['Japan'] });
  await visit(page, server, `#/${name}/tags`);
  await page.getByRole('button', { name: 'Delete stripes' }).click();
  await page.getByText('“stripes” was taken from 2 pictures.').waitFor();
  await row(page, 'stripes').waitFor({ state: 'detached' });
  assert.deepEqual(listed(name), { red: 1 });
  await undo(page).click();
  await row(page, 'stripes').getByText('2 pictures').waitFor();
  assert.deepEqual(listed(name), { red: 1, stripes: 2 });
});

onPage('a collection without tags says how to get some', async (page, server) => {
  const name = tagged({});
  await visit(page, server, `#/${name}/tags`);
  await page.getByRole('heading', { name: 'No tags yet' }).waitFor();
  await page.getByRole('link', { name: 'Choose pictures' }).click();
  await page.waitForURL(/\/search$/);
});

onPage('known tags are offered wherever one is typed', async (page, server) => {
  const name = tagged({ stripes: ['Chad'], 'to print': ['Japan'] });
  const offered = async (label: string) => {
    const field = page.getByLabel(label, { exact: true });
    await field.focus();
    await page.waitForFunction((l) => {
      const input = document.querySelector<HTMLInputElement>(`input[aria-label="${l}"]`);
      return (input?.list?.options.length ?? 0) > 0;
    }, label);
    return field.evaluate((e: HTMLInputElement) => [...e.list!.options].map((o) => o.value).sort());
  };
  await visit(page, server, `#/${name}/search?q=Chad`);
  await waitForHits(page, 'Romania');
  await page
    .locator('.results .grid > li a.pic')
    .first()
    .click({ modifiers: ['Control'] });
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  assert.deepEqual(await offered('Tag'), ['stripes', 'to print']);
  await page.getByLabel('Tag', { exact: true }).fill('new one');
  await page.keyboard.press('Enter');
  await page.getByText('Tagged 1 picture “new one”').waitFor();
  await visit(page, server, `#/${name}/search?q=Chad&tag=new one`);
  assert.deepEqual(await hits(page), ['Romania']);
  await visit(page, server, `#/${name}/search?look=Chad`);
  await page.getByRole('dialog').getByText('stripes').waitFor();
  assert.deepEqual(await offered('Add tag'), ['new one', 'to print'], 'but for those that it has');
});
