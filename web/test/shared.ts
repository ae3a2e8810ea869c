import { test, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { open, type Page, type Watch } from './browser.ts';
import { imported, type Server } from './server.ts';

export const shared: { server: Server; browser: Browser } = {} as never;

/** A test with a page of its own, that afterwards must have done nothing it may not. */
export function onPage(
  name: string,
  run: (page: Page, server: Server, t: TestContext) => Promise<void>,
  options: Watch & { needsSix?: boolean } = {},
) {
  const { needsSix, ...context } = options;
  test(
    name,
    { timeout: 180_000, skip: needsSix && imported.length < 6 ? 'the reference embeddings are absent' : false },
    async (t) => {
      const opened = await open(shared.browser, shared.server, context);
      try {
        await run(opened.page, shared.server, t);
      } catch (error) {
        await opened.close().catch(() => {});
        if (opened.problems.length) (error as Error).message += `\nand before that: ${opened.problems.join('; ')}`;
        throw error;
      }
      await opened.close();
    },
  );
}
