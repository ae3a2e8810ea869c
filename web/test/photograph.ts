import type { Browser, CDPSession, Page, Request } from 'playwright-core';
import { violations } from './axe.ts';
import { open } from './browser.ts';
import { layoutFaults, type Fault } from './faults.ts';
import { readPNG, type Pixels } from './png.ts';
import { unseen } from './seen.ts';
import { freePort, Server } from './server.ts';
import { shot, type Box } from './shot.ts';
import type { State } from './states.ts';
import { tabFaults } from './tabs.ts';
import type { ViewName } from '../src/views.ts';

export type Photograph = { view: ViewName; state: string; size: string; theme: 'light' | 'dark'; pixels: Pixels };
export type Found = Fault & { view: ViewName; state: string; at: string };

const sizes = [
  { width: 1440, height: 900, touch: false },
  { width: 1024, height: 768, touch: false },
  { width: 390, height: 844, touch: true },
];
const themes = ['light', 'dark'] as const;
const rings = new Set<string>();

/**
 * Opens a view in a state, at three sizes in light and dark, and gives its photographs and what is wrong with it. The
 * page is loaded once: the window changes around it, as it does for people who turn a tablet. Where things lie does not
 * depend on the theme, nor colours on the size.
 */
export async function photograph(
  browser: Browser,
  shared: Server,
  view: ViewName,
  state: State,
): Promise<{ photographs: Photograph[]; found: Found[] }> {
  const photographs: Photograph[] = [];
  const found: Found[] = [];
  const server = state.alone ? await new Server(await freePort()).start() : shared;
  const { page, problems, close } = await open(browser, server, {
    viewport: sizes[0]!,
    colorScheme: 'light',
    expects: state.expects ?? [],
  });
  const camera = await page.context().newCDPSession(page);
  const asked = unanswered(page);
  let at = 'opening';
  const note = (faults: Fault[]) => found.push(...faults.map((f) => ({ ...f, view, state: state.name, at })));
  try {
    await page.addInitScript(unfinishedInPage);
    await state.before?.(page);
    await page.goto(`${server.url}/#/${state.collection}/${view}${state.asked?.[view] ?? ''}`);
    await page.locator('main').first().waitFor();
    if (state.waiting) await page.waitForTimeout(400); // what stands for the pictures comes late
    await settled(page, state, asked);
    await state.after?.(page, server);
    await page.mouse.move(0, 0);
    for (const { touch, ...size } of sizes) {
      await camera.send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: touch });
      await camera.send('Emulation.setTouchEmulationEnabled', { enabled: touch });
      for (const theme of themes) {
        at = `${size.width}, ${theme}`;
        await page.emulateMedia({ colorScheme: theme });
        await settled(page, state, asked);
        if (theme === 'light') note(await layoutFaults(page, touch));
        const { pixels, faults } = await taken(page, camera, state);
        note(faults);
        photographs.push({ view, state: state.name, size: `${size.width}`, theme, pixels });
        if (size.width !== sizes[0]!.width) continue;
        const rules = theme === 'light' ? [] : ['color-contrast'];
        note((await violations(page, ...rules)).map((what) => ({ check: 'access', what })));
      }
      if (size.width !== sizes[0]!.width) continue;
      at = 'keyboard';
      note(await tabFaults(page, camera, rings));
    }
  } catch (error) {
    note([{ check: 'error', what: (error as Error).message.split('\n')[0]! }]);
  }
  note([...new Set(problems)].map((what) => ({ check: 'error', what })));
  problems.length = 0; // they are among what is found
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await close();
  if (state.alone) await server.end('SIGKILL');
  return { photographs, found };
}

declare global {
  interface Window {
    unfinished: () => string;
  }
}

/** Lets a page say what it still waits for. Runs in the page. */
function unfinishedInPage() {
  window.unfinished = () => {
    const at = document.querySelector('[aria-busy=true], [role=progressbar], .result.old');
    if (at) return `${at.localName}.${at.className}`;
    const late = (i: HTMLImageElement) =>
      !i.complete && i.checkVisibility() && i.getBoundingClientRect().top < innerHeight;
    return [...document.images].find(late)?.src ?? '';
  };
}

/** Nothing is under way, and what is drawn is drawn; what never comes is not waited for. */
async function settled(page: Page, { waiting }: State, asked: Set<Request>) {
  const until = Date.now() + 10_000; // some ask again and again while there is no server
  for (let calm = false; !calm && Date.now() < until;) {
    if (!waiting)
      await page
        .waitForFunction(() => window.unfinished() === '', undefined, { timeout: 30_000 })
        .catch(async () => {
          throw new Error(`is not done after half a minute: ${await page.evaluate(() => window.unfinished())}`);
        });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    calm = waiting || (!asked.size && (await page.evaluate(() => window.unfinished() === '')));
  }
}

/** The requests of a page that were not answered yet, without those that listen for news. */
function unanswered(page: Page): Set<Request> {
  const asked = new Set<Request>();
  page.on('request', (r) => r.resourceType() === 'fetch' && asked.add(r));
  page.on('response', (r) => asked.delete(r.request()));
  page.on('requestfailed', (r) => asked.delete(r));
  return asked;
}

/** A photograph, and what on it is not there to be seen. What fades in or is drawn late has three seconds for it. */
async function taken(page: Page, camera: CDPSession, { waiting }: State): Promise<{ pixels: Pixels; faults: Fault[] }> {
  for (const until = Date.now() + 3000; ; await page.waitForTimeout(100)) {
    const pixels = await shot(camera);
    const faults = await paintFaults(page, pixels, waiting);
    if (!faults.length || Date.now() > until) return { pixels, faults };
  }
}

/** Pictures and canvases that are not painted as they should be, unless they are not waited for; a view that is empty. */
export async function paintFaults(page: Page, screen?: Pixels, waiting = false): Promise<Fault[]> {
  const pixels = screen ?? readPNG(await page.screenshot());
  const faults: Fault[] = [];
  if (!waiting) {
    for (const what of (await unseen(page, pixels)).faults) faults.push({ check: 'painted', what });
    faults.push(...(await blankCanvases(page, pixels)));
  }
  const main = await boxOf(page, 'main');
  if (main && busy(pixels, main) < 0.0005) faults.push({ check: 'blank', what: 'nothing is to be seen' });
  return faults;
}

function boxOf(page: Page, selector: string): Promise<Box | null> {
  return page.evaluate((s) => {
    const r = document.querySelector(s)?.getBoundingClientRect();
    return r ? { x: r.x, y: r.y, width: r.width, height: r.height } : null;
  }, selector);
}

async function blankCanvases(page: Page, pixels: Pixels): Promise<Fault[]> {
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll('canvas')]
      .filter((c) => c.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((c) => c.getBoundingClientRect())
      .filter((r) => r.width > 64 && r.height > 64)
      .map((r) => ({ x: r.x, y: r.y, width: r.width, height: r.height })),
  );
  return boxes
    .filter((b) => busy(pixels, b) < 0.0005)
    .map((b) => ({
      check: 'painted' as const,
      what: `a canvas of ${Math.round(b.width)} × ${Math.round(b.height)} px is empty`,
    }));
}

/** The share of a box's pixels that differ from the commonest colour in it. */
export function busy({ width, height, data }: Pixels, box: Box): number {
  const counts = new Map<number, number>();
  let n = 0;
  for (let y = Math.max(0, Math.ceil(box.y)); y < Math.min(height, box.y + box.height); y++) {
    for (let x = Math.max(0, Math.ceil(box.x)); x < Math.min(width, box.x + box.width); x++) {
      const i = 4 * (y * width + x);
      const colour = (data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
      n++;
    }
  }
  return n ? 1 - Math.max(...counts.values()) / n : 1;
}
