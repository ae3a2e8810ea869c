// That work of the server is followed to its end from the page that lists it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, visit, type Page } from './browser.ts';
import { onPage, shared } from './shared.ts';
import { freePort, Server } from './server.ts';

type Job = { id: string; state: string };
const running = (page: Page) => page.locator('section', { has: page.getByRole('heading', { name: 'Running jobs' }) });
const recent = (page: Page) => page.locator('section', { has: page.getByRole('heading', { name: 'Recent jobs' }) });

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

const job = async ({ url }: Server, id: string) => (await (await fetch(`${url}/api/v1/jobs/${id}`)).json()) as Job;

/** How often the page asked for its collections. */
function counted(page: Page): () => number {
  let n = 0;
  page.on('request', (r) => (n += Number(new URL(r.url()).pathname === '/api/v1/collections')));
  return () => n;
}

/** Waits until the progress bar has shown so many states. */
async function moves(page: Page, states: number) {
  const said = new Set<string>();
  const bar = running(page).getByRole('progressbar');
  for (const until = Date.now() + 20_000; said.size < states;) {
    assert.ok(Date.now() < until, `the progress stands still at ${[...said].join('; ')}`);
    said.add((await bar.getAttribute('aria-valuetext', { timeout: 20_000 })) ?? '');
    await page.waitForTimeout(50);
  }
}

for (const how of ['by its link', 'from another view']) {
  onPage(`collections opened ${how} while a job runs follow it, and cancel it`, async (page, server) => {
    const collections = counted(page);
    const { id } = await start(server, 100);
    if (how === 'by its link') await visit(page, server, '#/flags/collections');
    else {
      await visit(page, server, '#/flags/search');
      await page.getByRole('link', { name: 'Collections', exact: true }).click();
    }
    await moves(page, 3);
    const before = collections();
    assert.ok(before <= 1, `the collections were asked for ${before} times`);
    await running(page).getByRole('button', { name: 'Cancel' }).click();
    await recent(page).getByRole('listitem').first().getByText('cancelled').waitFor();
    await running(page).waitFor({ state: 'detached' });
    assert.equal((await job(server, id)).state, 'cancelled');
    await page.waitForTimeout(500);
    assert.ok(collections() <= before + 1, `at its end the collections were asked for ${collections() - before} times`);
  });
}

onPage('collections opened while jobs run and wait see each of them end', async (page, server) => {
  const jobs = [await start(server, 4), await start(server, 3), await start(server, 2)];
  await visit(page, server, '#/flags/collections');
  await running(page).getByRole('progressbar').nth(1).waitFor();
  await running(page).waitFor({ state: 'detached', timeout: 90_000 });
  for (const i of jobs.keys()) await recent(page).getByRole('listitem').nth(i).getByText('done').waitFor();
  for (const { id } of jobs) assert.equal((await job(server, id)).state, 'done');
});

onPage('a job that is started while the page is open is followed, and so is the next', async (page, server) => {
  await visit(page, server, '#/flags/collections');
  for (let i = 0; i < 2; i++) {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('195 unchanged').nth(i).waitFor({ timeout: 30_000 });
    await recent(page).getByRole('listitem').first().getByText('done').waitFor();
    await running(page).waitFor({ state: 'detached' });
  }
});

test('work that a server took with it does not run on in the page', { timeout: 120_000 }, async (t) => {
  const server = await new Server(await freePort()).start();
  t.after(() => server.end());
  const { page, close } = await open(shared.browser, server, { expects: [/net::ERR_/, /404 .*jobs/] });
  await start(server, 100);
  await visit(page, server, '#/flags/collections');
  await moves(page, 2);
  await server.end('SIGKILL');
  await page.getByText('Retrying…').waitFor();
  await server.start();
  await page.getByText('Retrying…').waitFor({ state: 'detached' });
  await running(page).waitFor({ state: 'detached' });
  await close();
});
