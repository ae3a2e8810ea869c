// That nothing a page must not do passes unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, visit, type Page } from './browser.ts';
import { shared } from './shared.ts';

const wrongs: [what: string, wrong: (page: Page) => Promise<unknown>, noted: RegExp][] = [
  [
    'an error that nobody catches',
    (p) => p.evaluate(() => void setTimeout(() => Object(null).no.such(), 0)),
    /^error: .*undefined/,
  ],
  ['a rejection that nobody handles', (p) => p.evaluate(() => void Promise.reject(new Error('lost'))), /^error: lost/],
  ['an error on the console', (p) => p.evaluate(() => console.error('oh')), /^console: oh/],
  ['a request that is refused', (p) => p.evaluate(() => fetch('api/v1/nothing')), /^console: .*404.*api\/v1\/nothing/],
  [
    'one request again and again',
    (p) => p.evaluate(() => Promise.all(Array.from({ length: 11 }, () => fetch('healthz', { cache: 'no-store' })))),
    /^asked again and again: GET .*healthz/,
  ],
  [
    'a request of another machine',
    (p) => p.evaluate(() => void window.open('http://127.0.0.1:9/')),
    /^asked elsewhere: http:\/\/127\.0\.0\.1:9/,
  ],
  [
    'an error in a window that the page opened',
    async (p) => {
      const [other] = await Promise.all([p.waitForEvent('popup'), p.evaluate(() => void window.open(location.href))]);
      await other.evaluate(() => void setTimeout(() => Object(null).no.such(), 0));
    },
    /^error: /,
  ],
];

for (const [what, wrong, noted] of wrongs) {
  test(`a test fails by ${what}`, { timeout: 60_000 }, async () => {
    for (const expects of [[], [/.*/]]) {
      const { page, problems, close } = await open(shared.browser, shared.server, { expects });
      await visit(page, shared.server, '#/flags/search');
      await wrong(page);
      await page.waitForTimeout(200);
      if (expects.length) {
        await close(); // what a test expects by name is no problem
        assert.deepEqual(problems, []);
      } else {
        await assert.rejects(close(), { name: 'AssertionError' });
        assert.ok(
          problems.some((p) => noted.test(p)),
          problems.join('\n'),
        );
      }
    }
  });
}
