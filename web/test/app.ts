// The page as an app: its manifest, its worker, a server that is away or was updated, and pictures that are shared.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server as Listener, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, visit, waitForHits, type Page } from './browser.ts';
import { readPNG } from './png.ts';
import { onPage, shared } from './shared.ts';
import { flags, freePort, Server } from './server.ts';

type Manifest = {
  name: string;
  start_url: string;
  scope: string;
  display: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
  share_target: {
    action: string;
    method: string;
    enctype: string;
    params: { files: { name: string; accept: string[] }[] };
  };
};

const allowed = { serviceWorkers: 'allow' } as const;
const gone = { expects: [/net::ERR_/, /Failed to (load|fetch)/, /404 .*jobs/] };

/** Waits until the worker watches the page and keeps what it was drawn with. */
async function watched(page: Page) {
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active!.state !== 'activated')
      await new Promise((done) =>
        active!.addEventListener('statechange', () => active!.state === 'activated' && done(0)),
      );
    if (!navigator.serviceWorker.controller)
      await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
    const script = document.querySelector<HTMLLinkElement>('link[data-begin]')!.href;
    while (!(await caches.match(script))) await new Promise((done) => setTimeout(done, 50));
  });
}

onPage(
  'the page can be installed: its manifest is served as one, its icons have the sizes that it says, a worker watches it',
  async (page, server) => {
    await visit(page, server, '#/flags/search');
    const address = await page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel=manifest]')!.href);
    const answer = await fetch(address);
    assert.equal(answer.headers.get('content-type'), 'application/manifest+json');
    const manifest = (await answer.json()) as Manifest;
    assert.equal(new URL(manifest.start_url, address).href, `${server.url}/`);
    assert.equal(manifest.display, 'standalone');
    for (const icon of manifest.icons) {
      const picture = await fetch(new URL(icon.src, address));
      assert.equal(picture.headers.get('content-type'), icon.type);
      const { width, height } = readPNG(Buffer.from(await picture.arrayBuffer()));
      assert.equal(`${width}x${height}`, icon.sizes, icon.src);
    }
    assert.ok(manifest.icons.some((i) => i.purpose === 'maskable'));
    // What Chromium itself finds in the way of installing it.
    const session = await page.context().newCDPSession(page);
    await watched(page);
    const { errors } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(
      installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito'), // a test's context is
      [],
    );
    assert.equal(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL), `${server.url}/sw.js`);
  },
  allowed,
);

onPage('the colour of the window is that of the theme', async (page, server) => {
  await visit(page, server, '#/flags/search');
  const colours = () =>
    page.locator('meta[name="theme-color"]').evaluateAll((all) => all.map((m) => m.getAttribute('content')));
  assert.deepEqual(await colours(), ['#fbfaf7', '#101010']);
  await page.keyboard.press('t');
  assert.deepEqual(await colours(), ['#fbfaf7', '#fbfaf7']);
  await page.keyboard.press('t');
  assert.deepEqual(await colours(), ['#101010', '#101010']);
  const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(paper, 'rgb(16, 16, 16)');
});

test(
  'while the server is away the page opens and says so; it comes back with the server',
  { timeout: 120_000 },
  async (t) => {
    const server = await new Server(await freePort()).start();
    t.after(() => server.end());
    const { page, close } = await open(shared.browser, server, { ...allowed, ...gone });
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await watched(page);
    await server.end('SIGKILL');
    await page.goto('about:blank');
    await page.goto(`${server.url}/#/flags/search?q=Chad`);
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
    assert.equal(await page.locator('html[data-away]').count(), 1);
    assert.equal(await page.locator('.results img').count(), 0, 'nothing old is shown as if it was new');
    await server.start();
    await waitForHits(page, 'Romania');
    assert.equal(await page.locator('html[data-away]').count(), 0, 'it is the server’s page again');
    await close();
  },
);

/** Passes requests to a server; of the page it makes another version when told. */
class Between {
  version = 1;
  #listener: Listener;

  constructor(readonly to: string) {
    this.#listener = createServer((request, response) => void this.#pass(request, response));
  }

  async listen(port: number) {
    await new Promise<void>((done) => this.#listener.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${port}`;
  }

  close() {
    this.#listener.closeAllConnections();
    this.#listener.close();
  }

  async #pass(request: IncomingMessage, response: ServerResponse) {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([k]) => !['connection', 'if-none-match', 'accept-encoding'].includes(k)),
    ) as Record<string, string>;
    const answer = await fetch(this.to + request.url!, {
      method: request.method!,
      headers: { ...headers, host: new URL(this.to).host },
      ...(body.length ? { body: Buffer.concat(body) } : {}),
      redirect: 'manual',
    });
    let data = Buffer.from(await answer.arrayBuffer());
    if (request.url === '/')
      data = Buffer.from(data.toString().replace('<html ', `<html data-version="${this.version}" `));
    const sent = Object.fromEntries(answer.headers);
    delete sent['content-encoding'];
    delete sent['etag'];
    response.writeHead(answer.status, { ...sent, 'content-length': data.length }).end(data);
  }
}

test(
  'after an update the new page is shown, at once and in place of one that was kept',
  { timeout: 120_000 },
  async (t) => {
    const between = new Between(shared.server.url);
    const port = await freePort();
    const url = await between.listen(port);
    t.after(() => between.close());
    const { page, close } = await open(shared.browser, { url } as Server, { ...allowed, ...gone });
    await visit(page, { url } as Server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await watched(page);
    const version = () => page.evaluate(() => document.documentElement.dataset.version);
    assert.equal(await version(), '1');
    between.version = 2;
    await page.reload();
    await waitForHits(page, 'Romania');
    assert.equal(await version(), '2');
    // And when it was opened while the server was being updated.
    await page.evaluate(async () => {
      const held = async () =>
        (await (await caches.match(document.baseURI.split('#')[0]!))!.text()).includes('data-version="2"');
      while (!(await held())) await new Promise((done) => setTimeout(done, 50));
    });
    between.close();
    await page.goto('about:blank');
    await page.goto(`${url}/#/flags/search?q=Chad`);
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
    assert.equal(await version(), '2');
    const after = new Between(shared.server.url);
    after.version = 3;
    await after.listen(port);
    t.after(() => after.close());
    await waitForHits(page, 'Romania');
    assert.equal(await version(), '3');
    await close();
  },
);

/** Shares a file with the page as a phone's system does: a form that it posts, which opens the page. */
async function share(page: Page, file: string | null, fields: Record<string, string> = {}) {
  const data = file ? readFileSync(file).toString('base64') : '';
  await page.evaluate(
    ({ data, name, fields }) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.enctype = 'multipart/form-data';
      form.action = 'share';
      for (const [key, value] of Object.entries(fields)) {
        const field = document.createElement('input');
        [field.name, field.value] = [key, value];
        form.append(field);
      }
      const field = document.createElement('input');
      [field.type, field.name] = ['file', 'picture'];
      if (data) {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: 'image/png' }));
        field.files = transfer.files;
      }
      form.append(field);
      document.body.append(form);
      form.submit();
    },
    { data, name: file?.split('/').at(-1) ?? '', fields },
  );
}

onPage(
  'a picture that another app shares is searched with',
  async (page, server) => {
    await visit(page, server, '#/flags/search');
    await watched(page);
    await share(page, join(flags, 'Chad.png'), { text: 'Look at this' });
    await page.waitForURL(/\/search\?q=upload/);
    await waitForHits(page, 'Chad'); // the same picture, in the collection
    assert.ok(!page.url().includes('shared'), 'and the link can be sent');
    await page.getByText('Chad', { exact: true }).first().waitFor();
    await page.reload();
    await waitForHits(page, 'Chad');
    // Nothing of it is left to come back later.
    assert.equal(await page.evaluate(async () => (await (await caches.open('akin-shared')).keys()).length), 0);
    await share(page, null, { text: 'no picture, and no address' });
    await page.getByText('What was shared is neither a picture nor the address of one.').waitFor();
  },
  allowed,
);

onPage('a browser that has lost the worker shares through the server', async (page, server) => {
  // The context blocks workers, so the form goes to the server.
  await visit(page, server, '#/flags/search');
  await share(page, join(flags, 'Chad.png'), { text: 'Look at this' });
  await page.waitForURL(/\/search\?q=upload/);
  await waitForHits(page, 'Chad');
  assert.ok(!page.url().includes('shared'), 'and the link can be sent');
  await page.getByText('Chad', { exact: true }).first().waitFor();
  await page.reload();
  await waitForHits(page, 'Chad');
  await share(page, null, { text: 'no picture, and no address' });
  await page.getByText('What was shared is neither a picture nor the address of one.').waitFor();
});

test('a share that the server does not keep says what to do', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort(), [], 'own').start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/401 /] });
  await page.goto(server.url);
  await page.getByLabel('Token').waitFor();
  await share(page, join(flags, 'Chad.png'));
  await page.getByText('Sign in, then share the picture again.').waitFor();
  assert.ok(!page.url().includes('shared'));
  await close();
});

onPage('a file that is opened with the installed page is searched with', async (page, server) => {
  // Only where a page is installed does Chromium have files to give: what it calls then is called here.
  await page.addInitScript(() => {
    const value = { setConsumer: (take: unknown) => Object.assign(window, { take }) };
    Object.defineProperty(window, 'launchQueue', { value });
  });
  await visit(page, server, '#/flags/search');
  const data = readFileSync(join(flags, 'Chad.png')).toString('base64');
  await page.evaluate(async (data) => {
    const file = new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], 'from-my-desk.png', {
      type: 'image/png',
    });
    const { take } = window as unknown as { take: (launch: object) => void };
    take({ files: [] }); // as when it is opened by its icon
    take({ files: [{ getFile: () => Promise.resolve(file) }] });
  }, data);
  await page.waitForURL(/\/search\?q=upload/);
  await waitForHits(page, 'Chad');
  await page.getByText('from-my-desk').first().waitFor();
});

test(
  'a server with a token takes a shared picture from who is signed in, and keeps it for who signs in',
  { timeout: 120_000 },
  async (t) => {
    const server = await new Server(await freePort(), [], 'own').start();
    t.after(() => server.end());
    const printed = server.printed.trim();
    const token = decodeURIComponent(/#token=(.*)$/.exec(printed)![1]!);
    const { page, close } = await open(shared.browser, server, { ...allowed, expects: [/401 /] });
    await page.goto(server.url);
    await page.getByLabel('Token').waitFor();
    await watched(page);
    const sent: string[] = [];
    page.on('request', (r) => r.method() === 'POST' && sent.push(new URL(r.url()).pathname));
    await share(page, join(flags, 'Chad.png'));
    await page.getByLabel('Token').waitFor();
    assert.ok(!sent.some((path) => path.includes('uploads')), 'nothing is sent before that');
    // It outlives even that the page is closed and opened by the link that the server prints.
    await page.goto('about:blank');
    await page.goto(server.url);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(/q=upload/);
    await waitForHits(page, 'Chad');
    await share(page, join(flags, 'Mali.png'));
    await waitForHits(page, 'Mali');
    await close();
  },
);
