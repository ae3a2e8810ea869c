// How many frames a second the map of many pictures has, and how long the longest one took, in the tests' browser, which draws
// in software: npm run pace [-- PICTURES]
import { launch, visit, type Page } from './browser.ts';
import { manyPlaces } from './many.ts';
import { freePort, indexFlags, Server, tidy } from './server.ts';

const n = Number(process.argv[2]) || 100_000;
const seconds = 4; // of each motion

type Paced = { times: number[]; drawn: () => number };

/** Moves for some seconds, as fast as the page takes it, and tells the frames that it drew meanwhile. */
async function measure(page: Page, what: string, motion: (i: number) => Promise<unknown>) {
  await page.waitForTimeout(1500); // all of it is drawn
  await page.evaluate(() => ((window as unknown as Paced).times.length = 0));
  const until = Date.now() + 1000 * seconds;
  for (let i = 0; Date.now() < until; i++) await motion(i);
  const times = await page.evaluate(() => (window as unknown as Paced).times);
  const gaps = times.slice(1).map((t, i) => t - times[i]!);
  const longest = gaps.toSorted((a, b) => b - a);
  const rate = (1000 * gaps.length) / (times.at(-1)! - times[0]!);
  const tenth = longest[Math.floor(longest.length / 10)] ?? 0;
  console.log(
    `${what}: ${rate.toFixed(0)} frames a second; one of ten took more than ${tenth.toFixed(0)} ms, the longest ${(longest[0] ?? 0).toFixed(0)} ms`,
  );
}

indexFlags();
const server = await new Server(await freePort()).start();
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await context.addInitScript('globalThis.__name = (f) => f'); // what the tests' compiler wraps functions in
const page = await context.newPage();
await manyPlaces(page, n);
await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
await page.getByText('40 clusters').waitFor();
await page.evaluate(() => {
  const w = window as unknown as Paced;
  w.times = [];
  const tick = (now: number) => (w.times.push(now), requestAnimationFrame(tick));
  requestAnimationFrame(tick);
});
const box = (await page.locator('.ground').boundingBox())!;
const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];

await page.mouse.move(x, y);
await page.mouse.down();
await measure(page, `${n} pictures, dragged`, (i) =>
  page.mouse.move(x + Math.sin(i / 15) * 250, y + Math.cos(i / 11) * 150),
);
await page.mouse.up();
await measure(page, 'zoomed in and out by the wheel', (i) => page.mouse.wheel(0, i % 60 < 30 ? -60 : 60));
await page.keyboard.press('0');
for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -120);
await page.mouse.down();
await measure(page, 'dragged when it is near', (i) =>
  page.mouse.move(x + Math.sin(i / 15) * 250, y + Math.cos(i / 11) * 150),
);
await page.mouse.up();

await browser.close();
await server.end();
tidy();
