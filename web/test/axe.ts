import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds fault with: by all its rules, or by those named. It runs beside the page's own script: the content
 * security policy lets no other in.
 */
export async function violations(page: Page, ...rules: string[]): Promise<string[]> {
  const only = rules.length ? `, runOnly: { type: 'rule', values: ${JSON.stringify(rules)} }` : '';
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: `window.axe || ${axe}` });
  const run = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations']${only} }).then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.failureSummary ?? '')).slice(0, 3).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return JSON.parse(String(run.result.value)) as string[];
}
