// How long the page takes to its first paint and to its pictures, from the real server: npm run paint [-- RUNS]
// Cold: a browser that has nothing of the page; warm: the page again.
import { launch } from './browser.ts';
import { freePort, indexFlags, Server, tidy } from './server.ts';

const runs = Number(process.argv[2]) || 15;
indexFlags();
const server = await new Server(await freePort()).start();
const browser = await launch();
const times: Record<string, number[]> = {};
for (let i = 0; i <= runs; i++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  for (const how of ['cold', 'warm']) {
    await page.goto('about:blank');
    await page.goto(`${server.url}/#/flags/search`);
    await page.waitForFunction(() => {
      const all = [...document.querySelectorAll<HTMLImageElement>('.grid img')].slice(0, 12);
      const painted = performance.getEntriesByName('first-contentful-paint').length > 0;
      return painted && all.length > 0 && all.every((i) => i.complete && i.naturalWidth > 0);
    });
    const told = await page.evaluate(() => ({
      'first paint': performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
      'all pictures': performance.now(),
    }));
    if (i === 0) continue; // it fills the server's caches
    for (const [what, time] of Object.entries(told)) (times[`${how}, ${what}`] ??= []).push(time);
  }
  await context.close();
}
for (const [what, all] of Object.entries(times)) {
  const sorted = all.sort((a, b) => a - b);
  console.log(`${what}: least ${sorted[0]!.toFixed(0)} ms, median ${sorted[runs >> 1]!.toFixed(0)} ms`);
}
await browser.close();
await server.end();
tidy();
