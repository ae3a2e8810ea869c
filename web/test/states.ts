// The states that a view can be in, each brought about as it comes about in life.
import { copyFileSync, cpSync, mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './browser.ts';
import { akin, flags, freePort, home, imported, indexFlags, makeFolder, root, Server } from './server.ts';
import type { ViewName } from '../src/views.ts';

type View = { name: ViewName; job?: string };

export type State = {
  name: string;
  /** Of a collection; none where there is none. */
  collection: string;
  /** What is asked of the view; without it, it is as it opens. */
  asked?: Partial<Record<ViewName, string>>;
  /** What the browser notes on its console for a request that is refused: the page itself says what that means. */
  expects?: RegExp[];
  /** Before the view is opened. */
  before?: (page: Page) => Promise<unknown>;
  /** After it is open. */
  after?: (page: Page, server: Server) => Promise<unknown>;
  /** A server of its own, which it ends. */
  alone?: boolean;
  /** Requests never end, so pictures do not come. */
  waiting?: boolean;
};

/** What a person asks of a view; a view that is not here is shown as it opens, a report with the job that it shows. */
const asked: Partial<Record<ViewName, string>> = {
  search: '?q=Chad&q=Senegal&q=-0.5:France',
  compare: '?q=India',
  explain: '?a=Mexico&b=Italy&model=mobilenetv2-gem',
  match: '?a=Chad&b=Romania',
  map: '?model=mobilenetv2-gem',
};

/** The options of jobs that need some. */
const options: Record<string, object> = {
  dupes: { exact: true },
  advise: { set: 'flags' }, // without pairs pictures are embedded anew, which takes long
  eval: { set: 'flags' },
  context: { set: 'flags', pictures: 40 },
  probe: { sample: 4 },
};

const refused = [/status of 4\d\d/];

async function run(page: Page) {
  const button = page.locator('main form button.primary:enabled').first();
  if (await button.isVisible()) await button.click();
}

export const states: State[] = [
  { name: 'first', collection: '' },
  { name: 'empty', collection: 'empty' },
  { name: 'as it opens', collection: 'opens' },
  { name: 'full', collection: 'flags', asked },
  {
    name: 'loading',
    collection: 'opens',
    asked,
    waiting: true,
    before: (page) =>
      page.route(/\/api\/v1\/(?!collections$|version$)/, () => {
        // never answered
      }),
  },
  { name: 'error', collection: 'damaged', asked, expects: [/status of [45]\d\d/], after: run },
  {
    name: 'offline',
    collection: 'flags',
    asked,
    alone: true,
    expects: [/net::ERR_/],
    after: async (page, server) => {
      await server.end('SIGKILL');
      await page.getByText('The server does not answer').first().waitFor();
    },
  },
  { name: 'no model', collection: 'bare', asked, expects: refused, after: run },
  { name: 'text only', collection: 'words', asked: { ...asked, search: '?q=text:red stars' }, expects: refused },
  { name: 'imported only', collection: 'imported', asked, expects: refused, after: run },
];

/** Makes the collections that the states show. Gives the state's server, of two that all but one share. */
export async function prepare(): Promise<{ shared: Server; bare: Server }> {
  indexFlags();
  const copies = makeFolder('copies');
  for (const name of ['Chad', 'Mexico', 'India'])
    copyFileSync(join(flags, `${name}.png`), join(copies, `${name} again.png`));
  akin('-c', 'flags', '-q', 'index', copies);
  const collections = join(home, 'collections');
  cpSync(join(collections, 'flags'), join(collections, 'opens'), { recursive: true });
  cpSync(join(collections, 'flags'), join(collections, 'damaged'), { recursive: true });
  const spaces = join(collections, 'damaged', 'spaces');
  for (const space of readdirSync(spaces)) {
    for (const file of readdirSync(join(spaces, space)))
      if (file.endsWith('.vec')) truncateSync(join(spaces, space, file), 4000);
  }
  akin('-c', 'empty', '-q', 'index', makeFolder('nothing'));
  cpSync(join(collections, 'flags'), join(collections, 'bare'), { recursive: true });
  for (const model of ['mobilenetv2-gem', ...imported.map((i) => i.model)]) akin('-c', 'bare', '-q', 'drop', model);
  // A small network of the tests of internal/runtime: what it finds means nothing, but it reads words.
  const words = join(home, 'small-words');
  cpSync(join(root, 'internal', 'runtime', 'testdata', 'families', 'openclip-siglip2'), words, { recursive: true });
  akin('pull', words);
  akin('-c', 'words', '-q', 'index', '-m', 'small-words', flags);
  for (const { model, file } of imported.slice(0, 2)) akin('-c', 'imported', '-q', 'import', '--model', model, file);

  const first = join(home, 'first');
  mkdirSync(first);
  const [shared, bare] = [new Server(await freePort()), new Server(await freePort(), [], 'none', first)];
  await Promise.all([shared.start(), bare.start()]);
  return { shared, bare };
}

/** Has the server make what a report shows in the states that show one. */
export async function report(server: Server, { job }: View, { collection }: State) {
  if (job && ['flags', 'words'].includes(collection)) await finish(server, collection, job);
}

/** Runs a job to its end. What cannot be computed for a collection fails, and its view says so when asked. */
async function finish({ url }: Server, collection: string, kind: string) {
  const ask = async (path: string, init?: RequestInit) =>
    (await (await fetch(`${url}/api/v1/${path}`, init)).json()) as { id?: string; state?: string };
  const { id } = await ask(`collections/${collection}/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind, options: options[kind] ?? {} }),
  });
  while (id && /queued|waiting|running/.test((await ask(`jobs/${id}`)).state ?? ''))
    await new Promise((done) => setTimeout(done, 50));
}
