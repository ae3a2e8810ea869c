// The views that say what models see, and how their numbers explain themselves.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { visit, type Page } from './browser.ts';
import { readPNG } from './png.ts';
import { akin, answer, flags, makeFolder } from './server.ts';
import { seen } from './seen.ts';
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

const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

onPage('what was asked of a report is there after looking elsewhere', async (page, server) => {
  await visit(page, server, '#/flags/evaluate');
  await page.getByRole('radio', { name: 'My pairs' }).click();
  await page.getByLabel('Two or more names per line').fill('Chad,Romania');
  await page.getByLabel('Fusion').selectOption('scores');
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await page.waitForURL(/search/);
  await page.goBack();
  await page.getByRole('radio', { name: 'My pairs', checked: true }).waitFor();
  assert.equal(await page.locator('textarea').inputValue(), 'Chad,Romania');
  assert.equal(await page.getByLabel('Fusion').inputValue(), 'scores');
});

onPage('pairs and groups are read from a file, chosen or dropped', async (page, server) => {
  await visit(page, server, '#/flags/evaluate');
  await page.getByRole('radio', { name: 'My groups' }).click();
  await page
    .getByLabel('CSV file')
    .setInputFiles(
      csv('groups.csv', '\uFEFFname,group\nChad,tricolour\nRomania,tricolour\nJapan,disc\nBangladesh,disc\n'),
    );
  await page.getByRole('button', { name: /^(Evaluate|Run again)$/ }).click();
  await page.getByText('2 groups').waitFor();
  await visit(page, server, '#/flags/bias');
  await page.getByRole('radio', { name: 'My pairs' }).click();
  const data = await page.evaluateHandle(() => {
    const t = new DataTransfer();
    t.items.add(new File(['India,Pakistan\n'], 'pairs.csv', { type: 'text/csv' }));
    return t;
  });
  await page.locator('textarea').dispatchEvent('drop', { dataTransfer: data });
  await page.waitForFunction(() => document.querySelector('textarea')?.value === 'India,Pakistan\n');
  assert.match(page.url(), /bias/); // it was not taken for a picture
});

onPage(
  'bias says which models it takes for trained on language, and opens with its pairs',
  async (page, server) => {
    await visit(page, server, '#/flags/bias');
    await page.getByText('Models trained with text: automatic: blip2, clip').waitFor();
    await page.locator('.result tbody tr').first().waitFor();
  },
  { needsSix: true },
);

onPage(
  'a report is saved as CSV, as a page and as a picture, each of it complete',
  async (page, server) => {
    await visit(page, server, '#/flags/bias');
    await page.locator('.result tbody tr').nth(19).waitFor();
    const saved = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('group', { name: 'Save the report' }).getByRole('button', { name }).click(),
      ]);
      return readFileSync(await download.path());
    };
    const lines = (await saved('CSV')).toString().replace('\uFEFF', '').trim().split('\r\n');
    const said = answer<{ pairs: { a: string; b: string; ranks: Record<string, [number, number]> }[] }>('bias').pairs;
    assert.match(lines[0]!, /^a,b,Ratio,Chance,FDR,/);
    assert.ok(lines[1]!.startsWith(`${said[0]!.a},${said[0]!.b},`), lines[1]);
    assert.equal(lines.length, 21);

    // Opened without a server, as whoever gets the file does.
    const html = (await saved('HTML')).toString();
    const other = await page.context().newPage();
    await other.setContent(html);
    await other.locator('tbody tr').nth(19).waitFor();
    const pictures = await other
      .locator('img')
      .evaluateAll(
        (all) =>
          all.filter((i) => (i as HTMLImageElement).src.startsWith('data:') && (i as HTMLImageElement).naturalWidth > 0)
            .length,
      );
    assert.equal(pictures, 40);
    assert.ok(!/https?:\/\/127/.test(html), 'nothing is asked of the server');
    await other.close();

    const { width, height, data } = readPNG(await saved('PNG'));
    assert.ok(width > 1000 && height > 1000, `${width} × ${height}`);
    const colours = new Set<number>();
    for (let i = 0; i < data.length; i += 4 * 97) colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    assert.ok(colours.size > 60, `${colours.size} colours: flags have more`);
  },
  { needsSix: true, acceptDownloads: true },
);

onPage(
  'on a phone the pair of a row stays in view while its columns are scrolled',
  async (page, server) => {
    await visit(page, server, '#/flags/bias');
    const first = page.locator('.result tbody th').first();
    await first.waitFor();
    await page
      .locator('.result .scroll')
      .first()
      .evaluate((e) => (e.scrollLeft = 10_000));
    const box = (await first.boundingBox())!;
    assert.ok(box.x >= 0 && box.x < 40 && box.width < 390 / 2, `${box.x}, ${box.width} wide`);
  },
  { ...phone, needsSix: true },
);

onPage(
  'models that cannot run here cannot be chosen where they would have to, and say why',
  async (page, server) => {
    await visit(page, server, '#/flags/probe');
    const group = page.getByRole('group', { name: 'Models: mobilenetv2-gem' });
    await group.waitFor();
    assert.equal(await group.getByRole('button', { disabled: true }).count(), 6);
    assert.ok(await group.getByRole('button', { name: 'mobilenetv2-gem' }).isEnabled());
    await group
      .getByText(/the embeddings of dinov2 were imported: akin cannot run that model; 5 others cannot run here either/i)
      .waitFor();
  },
  { needsSix: true },
);

onPage(
  'explain opens with near pairs, and shows original, heat, heat and original with a scale',
  async (page, server) => {
    await visit(page, server, '#/flags/explain');
    await page.getByRole('heading', { name: 'Near pairs' }).waitFor();
    const scores = (await page.locator('main li small').allInnerTexts()).map(Number);
    assert.ok(scores.length >= 6, `${scores.length} pairs`);
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    await page.locator('main li a').first().click();
    await page.waitForURL(/explain\?a=.*&b=/);
    const row = page.getByRole('region', { name: 'mobilenetv2-gem', exact: true });
    await row.locator('.four > *').nth(3).waitFor();
    assert.deepEqual(await row.locator('.four > *').evaluateAll((all) => all.map((e) => e.className.split(' ')[0])), [
      'original',
      'layers',
      'layers',
      'original',
    ]);
    await seen(page, 2);
    assert.equal((await row.locator('.scale .number').allInnerTexts()).length, 2);
    for (const text of await row.locator('.scale .number').allInnerTexts()) assert.match(text, /^-?\d+\.\d/);
    await page.getByRole('radio', { name: 'Dim the rest' }).click();
    await page.waitForURL(/show=dim/);
    await row.locator('.layers .lit').first().waitFor();
  },
);

onPage(
  'explain does not offer models that cannot run',
  async (page, server) => {
    await visit(page, server, '#/flags/explain?a=Mexico&b=Italy');
    await page.getByRole('region', { name: 'mobilenetv2-gem', exact: true }).locator('.over').first().waitFor();
    assert.equal(await page.locator('main section').count(), 1);
    await page.getByRole('button', { name: 'clip', disabled: true }).waitFor();
    await page.getByText(/were imported: akin cannot run that model/).waitFor();
  },
  { needsSix: true },
);

const opened = (folder: string) => {
  const groups = { tricolours: ['Chad', 'Romania', 'Belgium'], discs: ['Japan', 'Bangladesh', 'Palau'] };
  for (const [group, names] of Object.entries(groups)) {
    mkdirSync(join(folder, group), { recursive: true });
    for (const name of names) copyFileSync(join(flags, `${name}.png`), join(folder, group, `flag of ${name}.png`));
  }
  akin('-c', 'opened', '-q', 'index', folder);
  return Object.entries(groups).flatMap(([group, names]) => names.map((name) => `flag of ${name},${group}`));
};

onPage('evaluate, advice, context and probe open with something computed', async (page, server) => {
  const folder = makeFolder('opened');
  const labels = join(folder, 'labels.csv');
  writeFileSync(labels, ['name,group', ...opened(folder)].join('\n'));
  const result = (view: string) => visit(page, server, `#/opened/${view}`).then(() => page.locator('.result table'));

  // What the collection's folders say is what the command says of the same groups.
  const evaluation = (await result('evaluate')).first();
  await evaluation.getByText('2 groups').waitFor();
  await page.getByRole('radio', { name: 'My folders', checked: true }).waitFor();
  type Groups = { summary: Record<string, { map: number }> };
  const said = JSON.parse(akin('-c', 'opened', '--json', 'eval', labels, '--groups')) as Groups;
  const row = evaluation.getByRole('row', { name: /^mobilenetv2-gem/ });
  assert.match(await row.innerText(), new RegExp(said.summary['mobilenetv2-gem']!.map.toFixed(3)));

  await (await result('advice')).getByRole('row', { name: /^mobilenetv2-gem/ }).waitFor({ timeout: 60_000 });
  await (await result('context')).getByText('Among 6 pictures').waitFor({ timeout: 60_000 });
  assert.match(await page.locator('textarea').inputValue(), /^flag of \w+,flag of \w+$/m);
  await result('probe');
  await page.getByText('Over 6 pictures').waitFor({ timeout: 60_000 });
});

onPage('one model is compared without a fused row', async (page, server) => {
  opened(makeFolder('opened'));
  await visit(page, server, '#/opened/compare?q=flag of Chad');
  await page.getByRole('region', { name: 'mobilenetv2-gem' }).locator('.hit').nth(2).waitFor();
  assert.equal(await page.locator('main section.row').count(), 1);
  for (const of of ['Fusion method', 'fused', 'Overlap'])
    assert.equal(await page.getByText(of).or(page.getByLabel(of)).count(), 0, of);
});
