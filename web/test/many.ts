// A map of many pictures, which the server's answer is all that is made up of.
import type { Page } from './browser.ts';

/** Answers for the map of the flags with that of many pictures, in 40 clusters. */
export async function manyPlaces(page: Page, n: number) {
  let seed = 5;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const pictures = Array.from({ length: n }, (_, i) => {
    const c = i % 40;
    const [a, r] = [random() * 6.283, random() ** 2 * 3];
    return {
      name: `p${i}`,
      source: `/p/${c}/${i}.png`,
      x: (c % 8) * 6 + Math.cos(a) * r,
      y: Math.floor(c / 8) * 6 + Math.sin(a) * r,
      cluster: c + 1,
    };
  });
  const clusters = Array.from({ length: 40 }, (_, c) => ({
    cluster: c + 1,
    size: n / 40,
    center: pictures[c]!,
    x: (c % 8) * 6,
    y: Math.floor(c / 8) * 6,
  }));
  const body = JSON.stringify({
    models: ['mobilenetv2-gem'],
    pictures,
    clusters,
    placed: 0,
    fresh: true,
    kept: true,
    current: true,
  });
  await page.route('**/collections/flags/map?*', (r) => r.fulfill({ body, contentType: 'application/json' }));
  const none = JSON.stringify({ model: 'mobilenetv2-gem', hits: [] }); // where the pointer rests
  await page.route('**/collections/flags/search', (r) => r.fulfill({ body: none, contentType: 'application/json' }));
}
