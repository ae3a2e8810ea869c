// Draws the icons of the installed page (public/icons) from src/style/icon.svg: npm run icons.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './browser.ts';
import { root } from './server.ts';

const svg = readFileSync(join(root, 'web', 'src', 'style', 'icon.svg'), 'utf8');
const folder = join(root, 'web', 'public', 'icons');
mkdirSync(folder, { recursive: true });

const browser = await launch();
const page = await browser.newPage();
// Systems cut a maskable icon into their own shape: its ground goes to the edge. Its rings are within the inner 62 %, of
// the 80 % that no shape cuts.
for (const [name, size, of] of [
  ['any-192', 192, svg],
  ['any-512', 512, svg],
  ['maskable-512', 512, svg.replace(' rx="8"', '')],
  ['apple-180', 180, svg.replace(' rx="8"', '')],
] as const) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>* { margin: 0; display: block } svg { width: ${size}px }</style>${of}`);
  await page.screenshot({ path: join(folder, `${name}.png`), omitBackground: true });
}
await browser.close();
