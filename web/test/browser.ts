import assert from 'node:assert/strict';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { Server } from './server.ts';

export type { Page } from 'playwright-core';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu', // a graphics card in software would draw the page in twice the processor's time
  '--enable-unsafe-swiftshader', // draws the map
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

export async function launch(): Promise<Browser> {
  const executablePath = process.env.AKIN_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: flags });
}

/** What a page must never do, noted as it goes; what a test brings about on purpose it names. */
export type Watched = { page: Page; problems: string[]; close: () => Promise<void> };
export type Watch = BrowserContextOptions & { expects?: RegExp[] };

const mostAlike = 10; // requests for one thing within a second: more come from a page that asks in circles
const unclosed = new Set<string>(); // pages that nobody looked at the problems of

export async function open(browser: Browser, server: Server, options: Watch = {}): Promise<Watched> {
  const { expects = [], ...rest } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    serviceWorkers: 'block', // tests answer requests themselves; those of the installed page allow it
    ...rest,
  });
  await context.addInitScript('globalThis.__name = (f) => f'); // what the tests' compiler wraps functions in
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) =>
      console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
    );
  });
  const problems: string[] = [];
  const note = (problem: string) => {
    if (!expects.some((e) => e.test(problem)) && problems.length < 20) problems.push(problem);
  };
  // Of every page of the context: rejections that nobody handles are among the errors.
  context.on('weberror', (e) => note(`error: ${e.error().message}`));
  context.on('console', (m) => {
    if (m.type() === 'error') note(`console: ${m.text()} (${m.location().url})`);
  });
  const asked = new Map<string, number[]>();
  context.on('request', (r) => {
    const url = r.url();
    if (/^(data|blob|about):/.test(url)) return;
    if (!url.startsWith(server.url)) note(`asked elsewhere: ${url}`);
    if (/\/icon[^/]*\.svg$/.test(url)) return; // the browser asks for it at each change of the title
    const key = `${r.method()} ${url} ${r.postData() ?? ''}`;
    const now = Date.now();
    const lately = [...(asked.get(key) ?? []).filter((t) => now - t < 1000), now];
    asked.set(key, lately);
    if (lately.length > mostAlike) note(`asked again and again: ${key}`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const mark = new Error('opened here').stack ?? '';
  unclosed.add(mark);
  return {
    page,
    problems,
    close: async () => {
      await context.close();
      unclosed.delete(mark);
      assert.deepEqual(problems, []);
    },
  };
}

/** Fails where a test passed by what its page did wrong. */
export function allClosed() {
  assert.deepEqual([...unclosed], [], 'pages whose close was not called');
}

/** Opens a link of the page as a person does who was sent it: from nothing. */
export async function visit(page: Page, server: Server, hash: string) {
  await page.goto('about:blank');
  await page.goto(`${server.url}/${hash}`);
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
}

/** The names of the first hits, in their order. Only those near the view are in the page, so it is scrolled. */
export async function hits(page: Page, most = 40): Promise<string[]> {
  const names = new Map<number, string>();
  await page.evaluate(() => scrollTo(0, 0));
  for (let before = -1; ;) {
    await settled(page);
    const shown = await page.locator('.results .grid > li a.pic').evaluateAll((all) =>
      all.map((a) => ({
        rank: parseInt(a.getAttribute('aria-label')!),
        name: a.querySelector('.name')!.getAttribute('title')!,
      })),
    );
    for (const { rank, name } of shown) names.set(rank, name);
    const y = await page.evaluate(() => (scrollBy(0, innerHeight), scrollY));
    if (names.size >= most || y === before) break;
    before = y;
  }
  await page.evaluate(() => scrollTo(0, 0));
  const ranks = [...names.keys()].sort((a, b) => a - b).slice(0, most);
  return ranks.map((rank) => names.get(rank)!);
}

/** Waits until the rows that were scrolled to are in the page. */
async function settled(page: Page) {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))),
  );
  await page.locator('.results[aria-busy=false]').waitFor();
}

export async function waitForHits(page: Page, first: string) {
  await page.locator('.results[aria-busy=false]').waitFor(); // what is shown may be what was asked for before
  await page
    .locator('.results .grid > li a.pic .name')
    .first()
    .and(page.locator(`[title="${first}"]`))
    .waitFor();
}

export async function drawn(page: Page, selector: string) {
  await page.waitForFunction((s) => {
    const all = [...document.querySelectorAll<HTMLImageElement>(s)].slice(0, 6);
    return all.length > 0 && all.every((i) => i.complete && i.naturalWidth > 0);
  }, selector);
}
