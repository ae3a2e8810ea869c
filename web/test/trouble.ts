import assert from 'node:assert/strict';
import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hits, open, visit, waitForHits } from './browser.ts';
import { onPage, shared } from './shared.ts';
import { broken, flags, freePort, makeFolder, Server } from './server.ts';
import { servePicture } from './search.ts';
import { views } from '../src/views.ts';

onPage(
  'a file that is no picture is refused by its name, and the page goes on',
  async (page, server) => {
    const folder = makeFolder('bad');
    const files = [join(folder, 'letter.png'), join(folder, 'nothing.jpg')];
    writeFileSync(files[0]!, 'Dear reader, this is a letter.');
    writeFileSync(files[1]!, '');
    if (existsSync(broken)) files.push(...readdirSync(broken).map((name) => join(broken, name)));
    await visit(page, server, '#/flags/search');
    for (const file of files) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      await page.locator('input[type=file]').setInputFiles(file);
      // Some damaged pictures can be read in part, as other programs do: then they are searched with.
      const refused = page.locator('.notice.bad', { hasText: name }).first();
      const taken = page.locator('.results .grid li').first();
      await refused.or(taken).first().waitFor();
      if (await taken.isVisible()) await visit(page, server, '#/flags/search');
      else assert.ok((await refused.innerText()).length > name.length + 12, 'it says why');
    }
    await page.getByRole('combobox', { name: 'Picture name' }).fill('Chad');
    await page.getByRole('option', { name: 'Chad' }).waitFor();
    await page.keyboard.press('Enter');
    await waitForHits(page, 'Romania');
  },
  { expects: [/4(13|15|22) .*uploads/, /again: POST .*uploads/] },
);

onPage(
  'what is not there is said, and what to do',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Atlantis');
    await page.getByRole('heading', { name: 'No picture is called “Atlantis”' }).waitFor();
    await visit(page, server, '#/flags/search?q=upload:gone');
    await page.getByRole('heading', { name: 'The server no longer has this picture' }).waitFor();
    await visit(page, server, '#/nowhere/search');
    await page.getByRole('heading', { name: 'No collection named nowhere' }).waitFor();
    await page.locator('main').getByRole('link', { name: 'flags' }).click();
    await page.locator('.grid > li').first().waitFor();
  },
  { expects: [/404 .*(search|Atlantis|uploads\/gone)/] },
);

test('a server that is killed is missed, and found again when it comes back', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort()).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/net::ERR_/, /404 .*jobs/] });
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await server.end('SIGKILL');
  await page.getByRole('link', { name: /^1\. Romania/ }).click();
  await page.getByText('The server does not answer. Results may be out of date. Retrying…').waitFor();
  assert.ok((await hits(page)).length >= 0);
  await server.start();
  await waitForHits(page, 'Chad'); // by itself
  await page.getByText('Retrying…').waitFor({ state: 'detached' });

  // Also when nobody touches anything, and while a job runs.
  await visit(page, server, '#/flags/probe');
  await page.getByLabel('Pictures').fill('100');
  await page.getByRole('button', { name: /^(Probe|Run again)$/ }).click();
  await page.getByRole('progressbar').waitFor();
  await server.end('SIGKILL');
  await page.getByText('Retrying…').waitFor();
  await server.start();
  await page.getByText('Retrying…').waitFor({ state: 'detached' });
  await page.getByText('The server restarted').waitFor();
  await page.getByRole('button', { name: /^(Probe|Run again)$/ }).waitFor();
  await close();
});

test(
  'below a path prefix everything works, and addresses of this machine do where they are allowed',
  { timeout: 120_000 },
  async (t) => {
    const server = await new Server(await freePort(), [
      '--prefix',
      '/deep/akin',
      '--insecure',
      '--allow-private-addresses',
    ]).start();
    t.after(() => server.end());
    const { page, close } = await open(shared.browser, server);
    await page.goto(`${server.url}/deep/akin`);
    await page.locator('.grid img').first().waitFor();
    await page.goto(`${server.url}/deep/akin/#/flags/compare?q=India`);
    await page.getByRole('region', { name: 'mobilenetv2-gem' }).getByRole('link').first().waitFor();
    const port = await freePort();
    const end = await servePicture(port);
    await page.goto(`${server.url}/deep/akin/#/flags/search?q=http://127.0.0.1:${port}/some.png`);
    await waitForHits(page, 'Chad');
    end();
    await close();
    await server.end();
  },
);

test('a server with a token asks for it once', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort(), ['--token', 'open-sesame-1234']).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/401 .*(collections|login)/] });
  await page.goto(`${server.url}/#/flags/search?q=Chad`);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill('open-sesame-1234');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await waitForHits(page, 'Romania');
  await page.reload();
  await waitForHits(page, 'Romania');
  await close();
});

test('the address that is printed lets in, and leaves no token behind', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort(), [], 'own').start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/401 .*collections/] });
  await page.goto(`${server.url}/#/flags/search?q=Chad`);
  await page.getByLabel('Token').waitFor(); // another user of the machine
  assert.match(server.printed, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}\n$/);
  await page.goto(server.printed.trim()); // in the same tab: the browser loads nothing
  await page.getByRole('heading').first().waitFor();
  await page.waitForFunction(() => !location.href.includes('token'));
  await page.goto(`${server.url}/#/flags/search?q=Chad`);
  await waitForHits(page, 'Romania');
  await close();

  const other = await open(shared.browser, server, { expects: [/net::ERR_/] }); // from nothing
  await other.page.goto(server.printed.trim());
  await other.page.getByRole('navigation').first().waitFor();
  assert.equal(await other.page.getByLabel('Token').count(), 0);
  assert.equal(other.page.url(), `${server.url}/`);
  await server.end();
  await server.start(); // a page that is open goes on
  await other.page.goto(`${server.url}/#/flags/search?q=Chad`);
  await waitForHits(other.page, 'Romania');
  await other.close();
});

onPage(
  'a file that is too large is refused by its name and the limit',
  async (page, server) => {
    const file = join(makeFolder('bad'), 'huge.png');
    writeFileSync(file, '');
    truncateSync(file, 40e6);
    await visit(page, server, '#/flags/search');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.notice.bad', { hasText: /huge\.png.* 32 MB at most/ }).waitFor();
  },
  { expects: [/413 .*uploads/] },
);

onPage(
  'an error that names a long path fits a phone, in a view, a report and a notice',
  async (page, server) => {
    const path = `/srv/${'a_folder_whose_name_has_no_place_to_break_at'.repeat(4)}/000001.vec`;
    const answer = (status: number, detail: string) => ({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'Error', status, detail }),
    });
    const damaged = answer(500, `the collection is damaged: read ${path}: truncated after 1204 of 3377 bytes`);
    /** How far the page, or what is shown on it, goes beyond the window. */
    const beyond = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((e) => {
          const text = document.createRange();
          text.selectNodeContents(e);
          const right = Math.max(e.getBoundingClientRect().right, text.getBoundingClientRect().right);
          return Math.max(0, right - innerWidth, document.documentElement.scrollWidth - innerWidth);
        });
    await page.route('**/collections/flags/search', (r) => r.fulfill(damaged));
    await visit(page, server, '#/flags/search?q=Chad');
    await page.getByRole('alert').getByText('truncated after').waitFor();
    assert.equal(await beyond('[role=alert]'), 0, 'in a view');

    await page.route('**/collections/flags/jobs', (r) =>
      r.request().method() === 'POST' ? r.fulfill(damaged) : r.continue(),
    );
    await visit(page, server, '#/flags/probe');
    await page.getByRole('button', { name: /^(Probe|Run again)$/ }).click();
    await page.getByRole('alert').getByText('truncated after').waitFor();
    assert.equal(await beyond('[role=alert]'), 0, 'in a report');

    await page.route('**/api/v1/uploads', (r) => r.fulfill(answer(415, `${path}: not a picture that akin can read`)));
    await visit(page, server, '#/flags/search');
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('x') });
    await page.locator('.notice', { hasText: 'not a picture' }).waitFor();
    assert.equal(await beyond('.notice'), 0, 'in a notice');
  },
  { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, expects: [/(500|415) /] },
);

onPage('a browser that keeps nothing of sites has the page all the same', async (page, server) => {
  await page.addInitScript(() => {
    const get = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    };
    for (const storage of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
      Object.defineProperty(window, storage, { get });
  });
  for (const { name } of views) {
    await visit(page, server, `#/flags/${name}`);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
  }
  await visit(page, server, '#/flags/search');
  await page.locator('input[type=file]').first().setInputFiles(join(flags, 'Chad.png'));
  await waitForHits(page, 'Chad');
  await page.getByRole('radio', { name: 'L', exact: true }).click();
  await page.keyboard.press('t');
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
  await page.getByRole('button', { name: 'Save the search' }).click();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Delete the saved search' }).waitFor(); // for as long as the page is open
});
