import assert from 'node:assert/strict';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { Server } from './server.ts';

export type { Page } from 'playwright-core';

const flags = [
  '--headless',
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
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

/** What a page must never do, noted as it goes. */
export type Watched = { page: Page; problems: string[]; close: () => Promise<void> };

export async function open(browser: Browser, server: Server, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  });
  await context.addInitScript('globalThis.__name = (f) => f'); // what the tests' compiler wraps functions in
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) =>
      console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
    );
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on('pageerror', (e) => problems.push(`error: ${e.message}`));
  page.on('console', (m) => {
    // The browser reports each refused request itself; the page must say those to the person, and tests look at that.
    if (m.type() === 'error' && !/Failed to load resource|net::ERR/.test(m.text()))
      problems.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    const url = r.url();
    if (!url.startsWith(server.url) && !/^(data|blob|about):/.test(url)) problems.push(`asked elsewhere: ${url}`);
  });
  return {
    page,
    problems,
    close: async () => {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

/** Opens a link of the page as a person does who was sent it: from nothing. */
export async function visit(page: Page, server: Server, hash: string) {
  await page.goto('about:blank');
  await page.goto(`${server.url}/${hash}`);
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
}

export function hits(page: Page): Promise<string[]> {
  return page
    .locator('.results .grid > li a.pic .name')
    .evaluateAll((all) => all.map((e) => e.getAttribute('title') ?? ''));
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
