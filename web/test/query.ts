// The query: what is typed, suggested, chosen, cropped and taken out again.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { hits, open, visit, waitForHits, type Page } from './browser.ts';
import { onPage, shared } from './shared.ts';
import { akin, answer, flags, freePort, makeFolder, root, Server } from './server.ts';

type Found = { hits: { name: string }[] };
const field = (page: Page) => page.getByRole('combobox', { name: 'Picture name' });
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName);

onPage('a misspelt name is suggested, and said when it is searched for', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await field(page).fill('Frnace');
  await page.getByText('Did you mean').waitFor();
  await page.getByRole('option', { name: 'France' }).click();
  await page.waitForURL(/q=France$/);
});

onPage(
  'names that may be meant are clicked where no picture has the name',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=0.5:Germnay&q=Chad');
    await page.getByRole('heading', { name: 'No picture is called “Germnay”' }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, 'it is nothing to be alarmed about');
    await page.getByRole('button', { name: 'Germany' }).click();
    await page.waitForURL(/q=0\.5:Germany&q=Chad/);
    await waitForHits(page, answer<Found>('search', '0.5:Germany', '+', 'Chad', '--top', '1').hits[0]!.name);
  },
  { expects: [/404/] },
);

onPage('a name with operators in it is one term', async (page, server) => {
  const folder = makeFolder('operators');
  copyFileSync(join(flags, 'Chad.png'), join(folder, 'Black - White + Grey.png'));
  copyFileSync(join(flags, 'Mali.png'), join(folder, 'Grey.png'));
  copyFileSync(join(flags, 'Guinea.png'), join(folder, 'Black.png'));
  akin('-c', 'operators', '-q', 'index', folder);
  await visit(page, server, '#/operators/search');
  await field(page).fill('black - white + gre');
  await page.getByRole('option', { name: 'Black - White + Grey' }).click();
  await page.getByRole('button', { name: 'Remove Black - White + Grey from the query' }).waitFor();
  const terms = new URLSearchParams(page.url().split('?')[1]).getAll('q');
  assert.deepEqual(terms, ['Black - White + Grey']);
  // Typed whole, without a suggestion chosen: the same.
  await visit(page, server, '#/operators/search');
  await field(page).fill('Black - White + Grey');
  await page.getByRole('option', { name: 'Black - White + Grey' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove Black - White + Grey from the query' }).waitFor();
});

onPage('Enter searches anew; a sign, a modifier or the other row adds', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await field(page).fill('Mali');
  await page.getByText('Search anew').waitFor();
  await page.getByText('Add to the query').waitFor();
  await page.getByRole('option', { name: 'Mali' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\?q=Mali$/);
  await field(page).fill('Guinea');
  await page.getByRole('option', { name: 'Guinea' }).first().waitFor();
  await page.keyboard.press('Shift+Enter');
  await page.waitForURL(/\?q=Mali&q=Guinea$/);
  await field(page).fill('- France');
  await page.getByRole('option', { name: 'France' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\?q=Mali&q=Guinea&q=-France$/);
  await field(page).fill('Japan');
  const rows = page.getByRole('option', { name: /^Japan .*png$/ }); // words are offered as well
  await rows.nth(1).click();
  await page.waitForURL(/\?q=Mali&q=Guinea&q=-France&q=Japan$/);
  await field(page).fill('Japan');
  await rows.first().click();
  await page.waitForURL(/\?q=Japan$/);
});

onPage('the field has the focus again when a term is chosen or taken out', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await field(page).fill('Chad');
  await page.getByRole('option', { name: 'Chad' }).first().waitFor();
  await page.keyboard.press('Enter');
  await waitForHits(page, 'Romania');
  assert.match((await focused(page)) ?? '', /^Picture name/);
  await page.getByRole('button', { name: 'Remove Chad from the query' }).click();
  await page.waitForURL((url) => !url.hash.includes('q='));
  assert.match((await focused(page)) ?? '', /^Picture name/);
});

onPage('uploads are called as their files, and a region is shown as what it is', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.locator('input[type=file]').setInputFiles([join(flags, 'Chad.png'), join(flags, 'Mali.png')]);
  await page.getByRole('button', { name: 'Remove Mali from the query' }).waitFor();
  await page.getByRole('button', { name: 'Remove Chad from the query' }).waitFor();
  // The upper left quarter of Australia's flag is the Union Jack, whose ratio is the whole flag's. The left half is not.
  await visit(page, server, '#/flags/search?q=Australia&crop=0@0,0,0.25,1');
  const region = page.locator('.chip .region');
  await region.waitFor();
  const { width, height } = (await region.boundingBox())!;
  assert.ok(width < height, `${width} by ${height}: the left quarter of a flag of 2 by 1 is narrower than high`);
});

onPage(
  'the region’s dialog fits a phone, and enlarges small pictures',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Australia');
    await page.getByRole('button', { name: 'Search with a region of Australia' }).click();
    const dialog = (await page.getByRole('dialog').boundingBox())!;
    await page.locator('dialog .stage.here').waitFor();
    for (const label of ['Left', 'Top', 'Width', 'Height']) {
      const box = (await page.getByRole('dialog').getByLabel(label).boundingBox())!;
      assert.ok(box.x >= dialog.x && box.x + box.width <= dialog.x + dialog.width, `${label} leaves the dialog`);
      assert.ok(box.height >= 44, `${label} is ${box.height} high`);
    }
    const stage = (await page.locator('dialog .stage').boundingBox())!;
    assert.ok(stage.width > 300, `the picture has 250 pixels and is shown ${stage.width} wide`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'Search with a region of Australia');
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);

test('a link to an upload works after the server restarted', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort()).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/404|net::ERR/] });
  await visit(page, server, '#/flags/search');
  await page.locator('input[type=file]').setInputFiles(join(flags, 'Chad.png'));
  await waitForHits(page, 'Chad');
  const link = page.url().slice(page.url().indexOf('#'));
  await server.end();
  await server.start();
  await visit(page, server, link);
  await waitForHits(page, 'Chad');
  await page.getByRole('button', { name: 'Remove Chad from the query' }).waitFor();
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.chip img')?.naturalWidth);
  await close();

  // Another browser does not have the picture, and is told so.
  await server.end();
  await server.start();
  const other = await open(shared.browser, server, { expects: [/404/] });
  await visit(other.page, server, link);
  await other.page.getByRole('heading', { name: 'The server no longer has this picture' }).waitFor();
  await other.close();
});

const clip = join(root, '..', 'shared', 'golden', 'models', 'clip');
const absent = existsSync(clip) ? false : 'the reference models are absent';

/** Serves a folder as the hub serves a repository. */
async function serveHub(repository: string, folder: string): Promise<{ url: string; close: () => void }> {
  const commit = '89abcdef0123456789abcdef0123456789abcdef';
  const port = await freePort();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
    if (path === `/api/models/${repository}/revision/main`) {
      response.setHeader('Content-Type', 'application/json');
      const siblings = readdirSync(folder).map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: commit, siblings, cardData: { license: 'mit' } }));
      return;
    }
    const name = path.split(`/${repository}/resolve/${commit}/`)[1];
    if (!name || !readdirSync(folder).includes(name)) {
      response.writeHead(404).end();
      return;
    }
    const data = readFileSync(join(folder, name));
    const head = `blob ${data.length}\0`;
    response.setHeader('ETag', `"${createHash('sha1').update(head).update(data).digest('hex')}"`);
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const body = from === undefined ? data : data.subarray(Number(from), to ? Number(to) + 1 : undefined);
    if (from !== undefined) {
      response.statusCode = 206;
      const last = Number(from) + body.length - 1;
      response.setHeader('Content-Range', `bytes ${from}-${last}/${data.length}`);
    }
    response.setHeader('Content-Length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

test('words get a model that reads them by one click', { timeout: 180_000, skip: absent }, async (t) => {
  const hub = await serveHub('openai/clip-vit-base-patch32', clip);
  t.after(() => hub.close());
  const own = { HF_HOME: makeFolder('hub'), HF_ENDPOINT: hub.url };
  const folder = makeFolder('few');
  for (const name of ['Chad', 'Mali', 'France', 'Japan'])
    copyFileSync(join(flags, `${name}.png`), join(folder, `${name}.png`));
  const server = await new Server(await freePort(), [], 'none', makeFolder('words'), own).start();
  t.after(() => server.end());
  server.akin('-c', 'few', '-q', 'index', folder);
  const { page, close } = await open(shared.browser, server, { expects: [/4(04|22) .*few/] });
  await visit(page, server, '#/few/search');
  await field(page).fill('three green stars');
  await page.getByRole('option', { name: 'no model of this collection reads them yet' }).waitFor();
  await page.keyboard.press('Enter');
  const get = page.getByRole('button', { name: /^Get a model that reads words \(351\.4 MB\)$/ });
  await get.waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await get.click();
  await page.locator('.results .grid > li').nth(3).waitFor({ timeout: 90_000 });
  assert.deepEqual((await hits(page)).sort(), ['Chad', 'France', 'Japan', 'Mali']);
  assert.deepEqual(
    await hits(page),
    JSON.parse(server.akin('-c', 'few', '--json', 'search', 'text:three green stars')).hits.map(
      (h: { name: string }) => h.name,
    ),
  );
  await close();
});

for (const key of ['a', 's']) {
  onPage(`after ${key} on a hit the focus is on the hit in its place`, async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await page.getByRole('link', { name: /^3\. Belgium/ }).focus();
    await page.keyboard.press(key);
    await page.waitForURL(/Belgium/);
    await page.waitForFunction(() => /^3\. (?!Belgium)/.test(document.activeElement?.getAttribute('aria-label') ?? ''));
  });
}

onPage(
  'the hint in the search field fits the room that the chips leave, in a window of any width',
  async (page, server) => {
    const hints = new Set<string>();
    for (const hash of ['#/flags/search', '#/flags/search?q=Chad', '#/flags/search?q=Chad&q=Senegal&q=-0.5:France']) {
      await visit(page, server, hash);
      await page.locator('.grid > li').first().waitFor();
      for (const width of [320, 360, 390, 480, 560, 640, 720, 800, 900, 1024, 1280, 1440, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const { hint, needs, has } = await field(page).evaluate((e: HTMLInputElement) => {
          const style = getComputedStyle(e);
          const pen = new OffscreenCanvas(1, 1).getContext('2d')!;
          pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
          const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
          return { hint: e.placeholder, needs: pen.measureText(e.placeholder).width, has: room };
        });
        hints.add(hint);
        assert.ok(needs <= has + 1, `${hash} at ${width}: “${hint}” needs ${needs.toFixed(0)} px and has ${has}`);
      }
    }
    assert.equal(hints.size, 5, [...hints].join('; '));
  },
);
