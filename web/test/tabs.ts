import type { Page } from './browser.ts';
import type { Fault } from './faults.ts';
import { readPNG, type Pixels } from './png.ts';

type Stop = {
  id: number;
  said: string;
  kind: string;
  box: { x: number; y: number; width: number; height: number } | null;
};

const seenRings = new Set<string>(); // kinds of elements whose focus was looked at: pixels take their time

/**
 * Goes through a page with Tab from its start, as far as `most` stops: no stop may be lost to the page itself, come
 * twice, or be out of sight, and what has the focus must look different for it.
 */
export async function tabFaults(page: Page, view: string, most = 60): Promise<Fault[]> {
  const faults: Fault[] = [];
  const note = (what: string) => faults.push({ check: 'focus', what });
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
    getSelection()?.collapse(document.body, 0); // where Tab starts from
  });
  const met = new Map<number, string>();
  let ended = false;
  for (let n = 0; n < most; n++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(stopInPage);
    if (!stop || met.has(stop.id)) {
      ended = true; // past the last one, or at the first again
      break;
    }
    met.set(stop.id, stop.said);
    if (!stop.box) note(`${stop.said} has the focus and is not in view`);
    else if (!seenRings.has(`${view} ${stop.kind}`)) {
      seenRings.add(`${view} ${stop.kind}`);
      if (!(await ringed(page, stop.box))) note(`${stop.said} looks the same with the focus and without`);
    }
  }
  if (ended) for (const said of await page.evaluate(missedInPage, [...met.keys()])) note(`Tab does not reach ${said}`);
  return faults;
}

/** Where the focus is. Runs in the page. */
function stopInPage(): Stop | null {
  const e = document.activeElement as HTMLElement | null;
  if (!e || e === document.body || e === document.documentElement) return null;
  const w = window as unknown as { stops?: Map<Element, number> };
  const stops = (w.stops ??= new Map());
  if (!stops.has(e)) stops.set(e, stops.size);
  const name = (e.getAttribute('aria-label') ?? e.getAttribute('title') ?? e.textContent ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  const classes = [...e.classList].filter((c) => !c.startsWith('svelte-')).join('.');
  // A field that is drawn by its label shows the focus there.
  const own = e.getBoundingClientRect();
  const label = (e as HTMLInputElement).labels?.[0]?.getBoundingClientRect();
  const r = label && (own.width < 3 || getComputedStyle(e).opacity === '0') ? label : own;
  const [left, top] = [Math.max(0, r.left - 6), Math.max(0, r.top - 6)];
  const [right, bottom] = [Math.min(innerWidth, r.right + 6), Math.min(innerHeight, r.bottom + 6)];
  const inView = right - left > 12 && bottom - top > 12 && r.width > 1 && r.height > 1;
  return {
    id: stops.get(e)!,
    said: `${e.localName}${classes && `.${classes}`} “${name.slice(0, 32)}”`,
    kind: `${e.localName}.${classes}${e.getAttribute('role') ?? ''}${e.getAttribute('type') ?? ''} in ${e.parentElement?.className ?? ''}`,
    box: inView ? { x: left, y: top, width: right - left, height: bottom - top } : null,
  };
}

/** Controls that Tab should have come to: not those that arrows move among, and one of a group of radio buttons. */
function missedInPage(met: number[]): string[] {
  const stops = (window as unknown as { stops?: Map<Element, number> }).stops ?? new Map<Element, number>();
  const reached = new Set(met);
  const missed: string[] = [];
  for (const e of document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')) {
    if (e.tabIndex < 0 || e.matches(':disabled, [type=radio], [type=hidden]') || e.closest('[inert]')) continue;
    if (!e.checkVisibility({ visibilityProperty: true })) continue;
    if (!reached.has(stops.get(e) ?? -1))
      missed.push(`${e.localName} “${(e.ariaLabel ?? e.textContent ?? '').trim().slice(0, 32)}”`);
  }
  return missed.slice(0, 5);
}

/** Whether the focus can be seen: pixels in and around the element that change with it, by 3:1 (WCAG 1.4.11). */
async function ringed(page: Page, box: { x: number; y: number; width: number; height: number }): Promise<boolean> {
  const at = { scale: 'css' as const, clip: box };
  const focused = readPNG(await page.screenshot(at));
  const e = await page.evaluateHandle(() => document.activeElement as HTMLElement);
  await e.evaluate((x) => x.blur());
  const without = readPNG(await page.screenshot(at));
  await e.evaluate((x) => x.focus({ focusVisible: true, preventScroll: true } as FocusOptions));
  await e.dispose();
  let changed = 0;
  for (let i = 0; i < focused.data.length; i += 4) changed += Number(contrast(focused, without, i) >= 3);
  return changed >= (box.width + box.height) / 2;
}

function contrast(a: Pixels, b: Pixels, i: number): number {
  const [p, q] = [luminance(a, i), luminance(b, i)];
  return (Math.max(p, q) + 0.05) / (Math.min(p, q) + 0.05);
}

function luminance({ data }: Pixels, i: number): number {
  const [r, g, b] = [0, 1, 2].map((c) => {
    const v = data[i + c]! / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
