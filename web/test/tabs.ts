import type { CDPSession } from 'playwright-core';
import type { Page } from './browser.ts';
import type { Fault } from './faults.ts';
import type { Pixels } from './png.ts';
import { shot } from './shot.ts';

type Stop = {
  id: number;
  said: string;
  kind: string;
  box: { x: number; y: number; width: number; height: number } | null;
};
type Tabbed = { stops: Map<Element, number>; met: (Stop | null)[]; stop: () => Stop | null };

/**
 * Goes through a page with Tab from its start, as far as `most` stops: no stop may be lost to the page itself, come
 * twice, or be out of sight, and what has the focus must look different for it: once for each kind of element, as pixels
 * take their time.
 */
export async function tabFaults(page: Page, camera: CDPSession, seenRings: Set<string>, most = 60): Promise<Fault[]> {
  const faults: Fault[] = [];
  const note = (what: string) => faults.push({ check: 'focus', what });
  await page.evaluate(`(${startInPage.toString()})(${stopInPage.toString()})`);
  const met: Stop[] = [];
  let ended = false;
  while (!ended && met.length < most) {
    for (let n = 0; n < 10; n++) await page.keyboard.press('Tab');
    for (const stop of await page.evaluate(() => (window as unknown as Tabbed).met.splice(0))) {
      ended ||= !stop || met.some((m) => m.id === stop.id); // past the last one, or at the first again
      if (!ended) met.push(stop!);
    }
  }
  for (const stop of met) {
    if (!stop.box) note(`${stop.said} has the focus and is not in view`);
    else if (!seenRings.has(stop.kind)) {
      seenRings.add(stop.kind);
      if (!(await ringed(page, camera, stop.id))) note(`${stop.said} looks the same with the focus and without`);
    }
  }
  await page.evaluate(() => ((document.activeElement as HTMLElement | null)?.blur(), scrollTo(0, 0)));
  const ids = met.map((m) => m.id);
  if (ended) for (const said of await page.evaluate(missedInPage, ids)) note(`Tab does not reach ${said}`);
  return faults;
}

/** Puts the focus before all else, and notes where it is when Tab leaves there. Runs in the page. */
function startInPage(stop: () => Stop | null) {
  const w = window as unknown as Tabbed;
  let begun = false;
  document.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Tab' && begun) w.met.push(w.stop());
      begun = true; // the first Tab leaves the start
    },
    true,
  );
  [w.stop, w.stops, w.met] = [stop, new Map(), []];
  scrollTo(0, 0);
  document.body.tabIndex = -1; // what was clicked last would be where Tab starts from
  document.body.focus();
  document.body.removeAttribute('tabindex');
}

/** Where the focus is. Runs in the page. */
function stopInPage(): Stop | null {
  const e = document.activeElement as HTMLElement | null;
  if (!e || e === document.body || e === document.documentElement) return null;
  const { stops } = window as unknown as Tabbed;
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
  const { stops } = window as unknown as Tabbed;
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
async function ringed(page: Page, camera: CDPSession, id: number): Promise<boolean> {
  const box = await page.evaluate((id) => {
    const w = window as unknown as Tabbed;
    const e = [...w.stops].find(([, n]) => n === id)![0] as HTMLElement;
    e.focus({ focusVisible: true } as FocusOptions);
    return w.stop()?.box ?? null;
  }, id);
  if (!box) return true; // what it is comes and goes with the focus
  const focused = await shot(camera, box);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const without = await shot(camera, box);
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
