// What the server is at is seen in every view: how far, how long still, its end; and it is cancelled from there.
import assert from 'node:assert/strict';
import { visit, type Page } from './browser.ts';
import { onPage } from './shared.ts';
import type { Server } from './server.ts';

type Job = { id: string; state: string };

/** Starts work that takes some seconds, as another program would. */
async function start({ url }: Server, pictures: number): Promise<Job> {
  const response = await fetch(`${url}/api/v1/collections/flags/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'probe', options: { sample: pictures } }),
  });
  assert.ok(response.ok, await response.clone().text());
  return (await response.json()) as Job;
}

const state = async ({ url }: Server, id: string) =>
  ((await (await fetch(`${url}/api/v1/jobs/${id}`)).json()) as Job).state;
const mark = (page: Page) => page.getByRole('button', { name: /: \d+ jobs? (running|ended)$/ });
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Jobs' });

onPage('a job that another program started is seen in any view, and cancelled there', async (page, server) => {
  // Before the page, which looks at once then: later it looks every ten seconds, and the job may end sooner.
  const { id } = await start(server, 195);
  await visit(page, server, '#/flags/search?q=Chad');
  await mark(page).waitFor({ timeout: 20_000 });
  await page.waitForFunction(() => /^\d+ % · Search · flags · akin$/.test(document.title), undefined, {
    timeout: 20_000,
  });
  await mark(page).click();
  const bar = sheet(page).getByRole('progressbar');
  const first = await bar.getAttribute('aria-valuetext');
  await page.waitForFunction(
    (before) => document.querySelector('[popover] [role=progressbar]')?.getAttribute('aria-valuetext') !== before,
    first,
    { timeout: 20_000 },
  );
  assert.equal(
    await sheet(page).getByRole('link', { name: 'Probe' }).getAttribute('href'),
    `#/flags/probe?probe=${id}`,
  );
  await sheet(page).getByRole('button', { name: 'Cancel' }).click();
  await mark(page).waitFor({ state: 'detached', timeout: 30_000 });
  assert.equal(await state(server, id), 'cancelled');
  await page.waitForFunction(() => document.title === 'Search · flags · akin');
});

/** Answers for the server that a job runs, or has ended. */
async function pretend(page: Page, at: (seconds: number) => object) {
  const from = Date.now();
  await page.route('**/api/v1/jobs', (route) =>
    route.fulfill({
      json: {
        jobs: [
          {
            id: 'pretended',
            kind: 'dupes',
            collection: 'flags',
            created: new Date(from).toISOString(),
            started: new Date(from).toISOString(),
            progress: {},
            state: 'running',
            ...at((Date.now() - from) / 1000),
          },
        ],
      },
    }),
  );
}

onPage('what a view began by itself ends when the view is left, and begins again with it', async (page, server) => {
  const probes = async () => {
    const { jobs } = (await (await fetch(`${server.url}/api/v1/jobs`)).json()) as { jobs: (Job & { kind: string })[] };
    return jobs.filter((j) => j.kind === 'probe');
  };
  // Another test may have left a result, which would be shown instead.
  await page.route('**/api/v1/jobs', (route) => route.fulfill({ json: { jobs: [] } }));
  const before = new Set((await probes()).map((j) => j.id));
  const own = async () => (await probes()).filter((j) => !before.has(j.id));
  await visit(page, server, '#/flags/probe');
  await page.getByRole('progressbar').waitFor();
  const [first] = await own();
  await page.evaluate(() => (location.hash = '#/flags/tags'));
  for (let i = 0; i < 80 && (await state(server, first!.id)) === 'running'; i++) await page.waitForTimeout(100);
  assert.equal(await state(server, first!.id), 'cancelled');
  await page.goBack();
  await page.getByRole('row', { name: /^mirror/ }).waitFor({ timeout: 50_000 });
  const ended = (await own()).map((j) => j.state).sort();
  assert.deepEqual(ended, ['cancelled', 'done']);

  // What was asked for goes on.
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByRole('progressbar').waitFor();
  const asked = (await own()).find((j) => j.state !== 'done' && j.state !== 'cancelled')!;
  await page.evaluate(() => (location.hash = '#/flags/tags'));
  await page.getByRole('heading', { name: 'Tags', level: 1 }).waitFor();
  for (let i = 0; i < 300 && (await state(server, asked.id)) === 'running'; i++) await page.waitForTimeout(100);
  assert.equal(await state(server, asked.id), 'done');
});

onPage(
  'a page that is signed out asks for no jobs',
  async (page, server) => {
    await pretend(page, () => ({}));
    await visit(page, server, '#/flags/search');
    await mark(page).waitFor();
    let asked = 0;
    await page.unroute('**/api/v1/jobs');
    await page.route('**/api/v1/jobs', (route) => {
      asked++;
      return route.fulfill({ status: 401, json: { status: 401, title: 'Unauthorized' } });
    });
    await mark(page).waitFor({ state: 'detached' });
    await page.waitForTimeout(2500); // while something ran it was asked every second
    assert.equal(asked, 1);
  },
  { expects: [/401 .*jobs/] },
);

onPage('the time left is said once it is known, and not before', async (page, server) => {
  await pretend(page, (s) => ({ progress: { step: 'pixels', done: Math.round(10 * s), total: 3000 } }));
  await visit(page, server, '#/flags/search');
  await mark(page).click();
  const said = () => sheet(page).getByRole('progressbar').getAttribute('aria-valuetext');
  assert.match((await said())!, /^pixels, \d+ of 3,000$/);
  await sheet(page)
    .getByText(/^pixels, \d+ of 3,000, about 5 min left of this step$/)
    .waitFor({ timeout: 15_000 });
});

onPage(
  'the end of a long job is said where one is, and leads to its result',
  async (page, server) => {
    const end = new Date(Date.now() + 60_000).toISOString();
    await pretend(page, (s) =>
      s < 4 ? { progress: { done: 1, total: 2 } } : { state: 'done', progress: { done: 2, total: 2 }, finished: end },
    );
    await visit(page, server, '#/flags/compare?q=Chad');
    await page.getByText('Duplicates of flags: done.').waitFor({ timeout: 15_000 });
    await mark(page)
      .and(page.getByRole('button', { name: '1 job ended' }))
      .click();
    const link = sheet(page).getByRole('link', { name: 'Duplicates' });
    assert.equal(await link.getAttribute('href'), '#/flags/duplicates?dupes=pretended');
    await page.unroute('**/api/v1/jobs');
    await page.keyboard.press('Escape');
    await mark(page).waitFor({ state: 'detached' }); // it was seen
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL(/#\/flags\/duplicates\?dupes=pretended$/);
  },
  { expects: [/404 .*jobs\/pretended/] },
);

onPage('a notification is shown when a long job ends, if it was asked for by a click', async (page, server) => {
  await page.addInitScript(() => {
    const w = window as unknown as { asked: number; shown: string[] };
    w.asked = 0;
    w.shown = [];
    class Shown {
      static permission = 'default';
      static requestPermission() {
        w.asked++;
        Shown.permission = 'granted';
        return Promise.resolve('granted');
      }
      readonly title: string;
      constructor(title: string, { body }: { body: string }) {
        this.title = title;
        w.shown.push(`${title} | ${body}`);
      }
    }
    Object.defineProperty(window, 'Notification', { value: Shown });
    document.hasFocus = () => false;
  });
  let over = false;
  const end = new Date(Date.now() + 60_000).toISOString();
  await pretend(page, () => (over ? { state: 'done', finished: end } : { progress: { done: 1, total: 2 } }));
  await visit(page, server, '#/flags/search');
  await mark(page).click();
  assert.equal(await page.evaluate('asked'), 0, 'nothing is asked for before a click');
  await sheet(page).getByLabel('Notify me when a long job ends').check();
  assert.equal(await page.evaluate('asked'), 1);
  over = true;
  const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown);
  for (let i = 0; i < 60 && !(await shown()).length; i++) await page.waitForTimeout(250);
  assert.deepEqual(await shown(), ['Duplicates: done | flags']);
  assert.equal(await page.evaluate(() => localStorage.getItem('akin-notify')), '1');
});

onPage(
  'on a phone the jobs are beside the tabs, under a finger',
  async (page, server) => {
    await pretend(page, () => ({ progress: { done: 1, total: 4 } }));
    await visit(page, server, '#/flags/search?q=Chad');
    await mark(page).waitFor();
    const box = (await mark(page).boundingBox())!;
    assert.ok(box.height >= 44 && box.width >= 44 && box.y > 750, JSON.stringify(box));
    const tab = (await page.getByRole('link', { name: 'Search', exact: true }).boundingBox())!;
    assert.ok(tab.width >= 44 && tab.x + tab.width <= box.x, JSON.stringify(tab));
    await mark(page).tap();
    const shown = (await sheet(page).boundingBox())!;
    assert.ok(shown.x >= 0 && shown.x + shown.width <= 390 && shown.y + shown.height <= box.y, JSON.stringify(shown));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);
