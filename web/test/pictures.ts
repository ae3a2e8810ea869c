// That pictures are seen: what a person does to a search, a comparison or a report must leave them on the screen.
import assert from 'node:assert/strict';
import { visit, waitForHits, type Page } from './browser.ts';
import { seen } from './seen.ts';
import { onPage } from './shared.ts';
import { imported } from './server.ts';

type Step = [what: string, act: (page: Page) => Promise<unknown>, needsSix?: boolean];

/** Takes steps one after the other; after each all pictures in view must be seen. */
async function take(page: Page, least: number, steps: Step[]) {
  for (const [what, act, needsSix] of steps) {
    if (needsSix && imported.length < 6) continue;
    try {
      await act(page);
      await page.waitForFunction(() => !document.querySelector('[aria-busy=true], [role=progressbar], .result.old'));
      await page.mouse.move(36, 2); // over the menu: over a picture it shows buttons on it
      await seen(page, least);
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    }
  }
}

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const back = (page: Page) => page.goBack();

async function openIt(page: Page) {
  await page.keyboard.press('Space');
  await page.getByRole('dialog').locator('dl').waitFor();
}

async function shut(page: Page) {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

onPage('whatever refines a search, its pictures stay', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await take(page, 6, [
    ['search', async () => {}],
    [
      'add a picture',
      async () => {
        await page.getByRole('link', { name: / Guinea / }).hover();
        await button(page, 'Add Guinea to the query').click();
        await page.waitForURL(/q=Chad&q=Guinea/);
      },
    ],
    [
      'a weight',
      async () => {
        await page.getByRole('spinbutton', { name: 'Weight of Guinea' }).fill('0.5');
        await page.keyboard.press('Tab');
        await page.waitForURL(/q=0\.5:Guinea/);
      },
    ],
    ['subtract', () => button(page, 'Subtract Guinea instead of adding it').click()],
    ['remove', () => button(page, 'Remove Guinea from the query').click()],
    ['group', () => button(page, 'Group duplicates').click()],
    ['ungroup', () => button(page, 'Group duplicates').click()],
    ['only related', () => page.getByRole('radio', { name: 'Related' }).click()],
    ['all again', () => page.getByRole('radio', { name: 'All' }).click()],
    ['another model', () => page.locator('.tools select').selectOption('clip'), true],
    ['all models, fused', () => page.locator('.tools select').selectOption('fused'), true],
    ['back to the model', back, true],
    [
      'more',
      async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        await page
          .getByRole('link', { name: /^[6-9]\d\. / })
          .first()
          .waitFor();
      },
    ],
    ['the top again', () => page.evaluate(() => scrollTo(0, 0))],
    ['size', () => page.getByRole('radio', { name: 'L', exact: true }).click()],
  ]);
  await page.locator('.results a.pic').first().focus();
  let searches = 0;
  page.on('request', (r) => (searches += Number(r.url().endsWith('/search') && /Chad/.test(r.postData() ?? ''))));
  await take(page, 1, [
    ['open a picture', openIt],
    ['the next', press('ArrowRight')],
    [
      'a tag',
      async () => {
        const field = page.getByRole('dialog').getByLabel('Add tag');
        await field.fill('kept');
        await field.press('Enter');
        await page.getByRole('dialog').getByText('kept', { exact: true }).waitFor();
      },
    ],
    [
      'no tag',
      async () => {
        await button(page, 'Remove tag kept').click();
        await page.getByText('kept', { exact: true }).waitFor({ state: 'detached' });
      },
    ],
  ]);
  await take(page, 6, [['close it', shut]]);
  assert.equal(searches, 0, 'searches by looking at a picture');
  await take(page, 6, [
    ['filter', () => button(page, 'Filter').click()],
    [
      'filtered',
      () =>
        page
          .getByRole('textbox', { name: 'Names' })
          .fill('*a*')
          .then(() => page.keyboard.press('Tab')),
    ],
    ['back', back],
    ['on', (p) => p.goForward()],
    ['dark', () => page.getByRole('radio', { name: 'Dark' }).click()],
    ['a narrow window', () => page.setViewportSize({ width: 900, height: 860 })],
    ['a wide window', () => page.setViewportSize({ width: 1280, height: 860 })],
    [
      'look on from a hit',
      async () => {
        await page.locator('.results a.pic').first().click();
        await page.waitForURL((url) => !url.hash.includes('q=Chad'));
      },
    ],
    ['back once more', back],
  ]);
});

onPage('the pictures to start from stay, however one looks at them', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await take(page, 6, [
    ['open the page', () => page.locator('.grid > li').nth(11).waitFor()],
    [
      'more',
      async () => {
        await page.evaluate(() => scrollTo(0, 3000));
        await page.waitForTimeout(100);
      },
    ],
  ]);
  await page.locator('.grid a.pic').nth(12).focus();
  const there = await page.evaluate(() => scrollY);
  assert.ok(there > 1000);
  await take(page, 1, [['open one', openIt]]);
  await take(page, 6, [
    ['close it', shut],
    ['it is where it was', async () => assert.equal(await page.evaluate(() => scrollY), there)],
  ]);
});

onPage(
  'whatever refines a comparison, its pictures stay',
  async (page, server) => {
    await visit(page, server, '#/flags/compare?q=India');
    const clip = page.getByRole('region', { name: 'clip', exact: true });
    await clip.getByRole('link').first().waitFor();
    await take(page, 10, [
      ['compare', async () => {}],
      ['a weight', () => page.getByRole('slider', { name: 'Weight of mobilenetv2-gem' }).fill('3')],
      ['fuse scores', () => page.getByRole('radio', { name: 'Fuse scores' }).click()],
      ['CSLS', () => page.getByRole('radio', { name: 'CSLS' }).click()],
      ['fuse ranks', () => page.getByRole('radio', { name: 'Fuse ranks' }).click()],
      ['5 a row', () => page.getByLabel('Hits per row').selectOption('5')],
      ['20 a row', () => page.getByLabel('Hits per row').selectOption('20')],
      ['hover', () => page.locator('.hits a').nth(2).hover()],
      [
        'add a picture',
        async () => {
          await page.locator('.hits a').nth(1).focus();
          await page.keyboard.press('a');
          await page.waitForURL(/q=India&q=/);
        },
      ],
      ['back', back],
    ]);
    await page.locator('.hits a').first().focus();
    await take(page, 1, [['open a picture', openIt]]);
    await take(page, 10, [
      [
        'close it',
        async () => {
          await shut(page);
          await page.locator('.hits a:focus').evaluate((a: HTMLElement) => a.blur()); // what has the focus dims the rest
        },
      ],
      ['another picture', () => page.locator('.hits a').nth(2).click()],
      ['back again', back],
      ['dark', () => page.getByRole('radio', { name: 'Dark' }).click()],
    ]);
  },
  { needsSix: true },
);

onPage('the pictures of reports stay when a report is run again', async (page, server) => {
  await visit(page, server, '#/flags/evaluate');
  const run = page.getByRole('button', { name: /^(Evaluate|Run again)$/ });
  const pairs = page.getByRole('link', { name: 'Chad – Romania' });
  const again = async () => {
    await run.click();
    await pairs.waitFor();
    await pairs.scrollIntoViewIfNeeded();
  };
  await take(page, 2, [
    ['evaluate', again],
    ['again', again],
    ['fuse scores', () => page.getByLabel('Fusion').selectOption('scores').then(again)],
    [
      'own pairs',
      async () => {
        await page.getByRole('radio', { name: 'My pairs' }).click();
        await pairs.scrollIntoViewIfNeeded();
      },
    ],
    [
      'why they are alike, and back',
      async () => {
        await pairs.click();
        await page.waitForURL(/explain/);
        await page.goBack();
        await pairs.scrollIntoViewIfNeeded();
      },
    ],
  ]);
});
