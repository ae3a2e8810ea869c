// Every view in every state, at three sizes, in light and dark: [AKIN_SHEET=VIEW] [AKIN_SHEET_STATE=STATE] npm run sheet
// What was seen lies in web/sheet afterwards; of all views there is one sheet in docs/images/page.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { allClosed, launch } from './browser.ts';
import { small, writeOverview, writeSheets } from './contact.ts';
import { photograph, type Photograph } from './photograph.ts';
import { root, tidy, type Server } from './server.ts';
import { prepare, report, states } from './states.ts';
import { views } from '../src/views.ts';

const only = process.env.AKIN_SHEET ?? '';
const onlyState = process.env.AKIN_SHEET_STATE ?? '';
let servers: { shared: Server; bare: Server };
let browser: Browser;
const photographs: Photograph[] = [];

before(async () => {
  servers = await prepare();
  browser = await launch();
});

after(async () => {
  const order = (p: Photograph) => views.findIndex((v) => v.name === p.view);
  photographs.sort((a, b) => order(a) - order(b));
  if (photographs.length) await writeSheets(browser, join(root, 'web', 'sheet'), photographs);
  const all = !onlyState && views.every((v) => photographs.some((p) => p.view === v.name && p.state === 'full'));
  if (all) await writeOverview(browser, join(root, 'docs', 'images', 'page', 'sheet.webp'), photographs);
  await browser?.close();
  await servers?.shared.end();
  await servers?.bare.end();
  tidy();
  allClosed();
});

describe('sheet', { concurrency: 3 }, () => {
  for (const view of views.filter(({ name }) => name === (only || name))) {
    for (const state of states.filter(({ name }) => name === (onlyState || name))) {
      test(`${view.title}: ${state.name}`, { timeout: 180_000 }, async () => {
        await report(servers.shared, view, state);
        const server = state.name === 'first' ? servers.bare : servers.shared;
        const { photographs: taken, found } = await photograph(browser, server, view.name, state);
        photographs.push(...taken.map((p) => ({ ...p, pixels: small(p.pixels) })));
        const bad = found.map((f) => `${f.check}: ${f.what} [${f.at}]`);
        assert.equal(likeOnes(bad), '');
      });
    }
  }
});

/** One line for faults that differ in names and numbers only: the first, and how many there are. */
function likeOnes(faults: string[]): string {
  const kinds = new Map<string, string[]>();
  for (const f of faults) {
    const kind = f.replace(/“.*?”|\d+/g, '');
    kinds.set(kind, [...(kinds.get(kind) ?? []), f]);
  }
  return [...kinds.values()]
    .map((all) => (all.length > 1 ? `${all[0]} and ${all.length - 1} like it` : all[0]))
    .join('\n');
}
