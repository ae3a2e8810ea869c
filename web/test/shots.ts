// Pictures of the page for the docs, from the real server on the real flags: npm run shots
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { drawn, launch, open, visit, type Page } from './browser.ts';
import { freePort, indexFlags, root, Server, tidy } from './server.ts';

const docs = join(root, 'docs', 'images', 'page');
const wide = { width: 1120, height: 720 };
const phone = { width: 360, height: 640 };

type Shot = {
  name: string;
  hash: string;
  theme: 'light' | 'dark';
  size?: typeof wide;
  ready: (page: Page) => Promise<unknown>;
};
const shots: Shot[] = [
  {
    name: 'search',
    hash: '#/flags/search?q=Chad&q=Senegal&q=-0.5:France',
    theme: 'light',
    ready: (p) => drawn(p, '.results img'),
  },
  {
    name: 'compare',
    hash: '#/flags/compare?q=India',
    theme: 'light',
    ready: (p) =>
      drawn(p, '.hits img').then(() =>
        p
          .getByRole('region', { name: 'blip2' })
          .getByRole('link', { name: /Pakistan/ })
          .hover(),
      ),
  },
  { name: 'explain', hash: '#/flags/explain?a=Mexico&b=Italy', theme: 'dark', ready: (p) => drawn(p, '.layers .over') },
  {
    name: 'map',
    hash: '#/flags/map?model=clip',
    theme: 'dark',
    ready: (p) =>
      p
        .getByRole('heading', { name: /clusters/ })
        .waitFor()
        .then(() => drawn(p, 'aside img'))
        .then(() => p.waitForTimeout(5000)),
  },
  {
    name: 'bias',
    hash: '#/flags/bias',
    theme: 'light',
    ready: (p) =>
      drawn(p, '.result img').then(() =>
        p.locator('.result').evaluate((e) => scrollTo(0, e.getBoundingClientRect().top - 60)),
      ),
  },
  { name: 'phone', hash: '#/flags/search?q=Chad', theme: 'light', size: phone, ready: (p) => drawn(p, '.results img') },
  {
    name: 'phone-dark',
    hash: '#/flags/compare?q=India',
    theme: 'dark',
    size: phone,
    ready: (p) => drawn(p, '.hits img'),
  },
];

mkdirSync(docs, { recursive: true });
indexFlags();
const server = await new Server(await freePort()).start();
const browser = await launch();
for (const shot of shots.filter((s) => process.argv.length < 3 || process.argv.includes(s.name))) {
  const { page, close } = await open(browser, server, {
    viewport: shot.size ?? wide,
    colorScheme: shot.theme,
    hasTouch: !!shot.size,
    isMobile: !!shot.size,
  });
  await visit(page, server, shot.hash); // loads the fonts, which a page uses only if it has them at once
  await visit(page, server, shot.hash);
  await shot.ready(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(docs, `${shot.name}.png`) });
  await close();
}
await browser.close();
await server.end();
tidy();
