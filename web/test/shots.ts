// Pictures of the page for the docs, from the real server on the real flags: npm run shots [-- NAME...]
// Of all of them it makes the strip of the README.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webp } from './contact.ts';
import { readPNG } from './png.ts';
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
if (process.argv.length < 3) writeFileSync(join(docs, 'strip.webp'), await strip());
await browser.close();
await server.end();
tidy();

/** The pictures in two rows, those of a phone beside each other. */
async function strip(): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1683, height: 740 } });
  const img = (name: string) =>
    `<img src="data:image/png;base64,${readFileSync(join(docs, `${name}.png`)).toString('base64')}" alt="">`;
  await page.setContent(
    `<!doctype html><style>
      body { display: grid; grid-template: repeat(2, 350px) / repeat(3, 545px); gap: 12px; margin: 0; background: #e7e3da; padding: 12px }
      img { height: 350px } div { display: flex; justify-content: center; gap: 12px }
    </style>${['search', 'compare', 'map', 'explain', 'bias'].map(img).join('')}<div>${img('phone')}${img('phone-dark')}</div>`,
  );
  await drawn(page, 'img');
  const shot = readPNG(await page.locator('body').screenshot());
  const file = await webp(page, shot);
  await page.close();
  return file;
}
