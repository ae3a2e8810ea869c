import type { Page } from './browser.ts';

/** What is wrong with what a page shows, and what it was found by. */
export type Fault = { check: Check; what: string };
export type Check =
  'cut' | 'overlap' | 'covered' | 'target' | 'overflow' | 'painted' | 'blank' | 'focus' | 'access' | 'error';

/** Text that is cut, overlaps, covered text, a page wider than its window, and on touch targets below 44 px. */
export function layoutFaults(page: Page, touch: boolean): Promise<Fault[]> {
  return page.evaluate(inPage, touch);
}

/** Runs in the page, so it stands alone. */
function inPage(touch: boolean): Fault[] {
  const faults: Fault[] = [];
  const note = (check: Check, what: string) => {
    if (!faults.some((f) => f.check === check && f.what === what)) faults.push({ check, what });
  };
  type Box = { left: number; top: number; right: number; bottom: number };
  const least = 44;
  const styles = new Map<Element, CSSStyleDeclaration>();
  const styleOf = (e: Element) => {
    let s = styles.get(e);
    if (!s) styles.set(e, (s = getComputedStyle(e)));
    return s;
  };
  const short = (text: string) => {
    const t = text.replace(/\s+/g, ' ').trim();
    return t.length > 32 ? `${t.slice(0, 31)}…` : t;
  };
  const said = (e: Element) => {
    const name = e.getAttribute('aria-label') ?? e.getAttribute('title') ?? e.textContent ?? '';
    const kind = [...e.classList].filter((c) => !c.startsWith('svelte-')).join('.');
    const where =
      kind || !e.parentElement ? kind : `in ${[...e.parentElement.classList][0] ?? e.parentElement.localName}`;
    return `${e.localName}${where && (kind ? `.${where}` : ` ${where}`)} “${short(name)}”`;
  };
  const shown = (e: Element) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  /** For screen readers only, or drawn by another element in its place. */
  const unseen = (e: Element) => {
    for (let p: Element | null = e; p; p = p.parentElement) {
      const s = styleOf(p);
      if (s.clipPath === 'inset(50%)' || (s.position === 'absolute' && p.clientWidth <= 1 && s.overflow === 'hidden'))
        return true;
    }
    return false;
  };
  /** What lies over the rest on purpose: dialogs, what is open above the page, what stays while it scrolls. */
  const layerOf = (e: Element): Element | null => {
    for (let p: Element | null = e; p; p = p.parentElement) {
      if (p.matches('dialog, [popover], [role=listbox], [role=tooltip]')) return p;
      if (/fixed|sticky/.test(styleOf(p).position)) return p;
    }
    return null;
  };
  /** The box that an element's content is cut by, and what can be scrolled to. */
  const clipOf = (e: Element): { box: Box; by: Element | null; scrolls: { x: boolean; y: boolean } } => {
    const box: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
    const scrolls = { x: false, y: false };
    let by: Element | null = null;
    let position = styleOf(e).position;
    let first = true;
    for (let p: Element | null = e; p && p !== document.documentElement; p = p.parentElement) {
      const s = styleOf(p);
      const escapes = !first && position === 'absolute' && s.position === 'static' && s.transform === 'none';
      if (!escapes && p !== document.body && s.display !== 'inline') {
        const r = p.getBoundingClientRect();
        const cuts = (v: string) => v === 'hidden' || v === 'clip';
        const rolls = (v: string) => v === 'auto' || v === 'scroll';
        if (rolls(s.overflowX) && !cuts(s.overflowX)) scrolls.x = true;
        if (rolls(s.overflowY)) scrolls.y = true;
        if (!scrolls.x && cuts(s.overflowX)) {
          if (r.left > box.left) box.left = r.left;
          if (r.right < box.right) [box.right, by] = [r.right, p];
        }
        if (!scrolls.y && cuts(s.overflowY)) {
          if (r.top > box.top) box.top = r.top;
          if (r.bottom < box.bottom) [box.bottom, by] = [r.bottom, by ?? p];
        }
      }
      if (!escapes) position = s.position === 'static' ? position : s.position;
      if (position === 'fixed') break;
      first = false;
    }
    return { box, by, scrolls };
  };
  const both = (a: Box, b: Box): Box => ({
    left: Math.max(a.left, b.left),
    right: Math.min(a.right, b.right),
    top: Math.max(a.top, b.top),
    bottom: Math.min(a.bottom, b.bottom),
  });
  /** What is in view of the boxes that an element is scrolled in. */
  const rolledBy = (e: Element): Box => {
    let box: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (/auto|scroll/.test(styleOf(p).overflow)) box = both(box, p.getBoundingClientRect());
    return box;
  };
  const titled = (e: Element) =>
    !!e.closest('[title]') || !!e.closest('a, button, li, td, th')?.querySelector('[title]');
  const inScroller = (e: Element, r: Box): boolean => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      const s = styleOf(p);
      if (!/auto|scroll/.test(s.overflow)) continue;
      const b = p.getBoundingClientRect();
      if (r.right <= b.left + 1 || r.left >= b.right - 1 || r.bottom <= b.top + 1 || r.top >= b.bottom - 1)
        return false;
    }
    return true;
  };

  // A page wider than its window.
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const out = (e: Element) => shown(e) && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
    const by = [...document.body.querySelectorAll('*')].findLast(
      (e) => out(e) && inScroller(e, e.getBoundingClientRect()),
    );
    note(
      'overflow',
      `${wide} px wider than the window of ${document.documentElement.clientWidth}${by ? ` by ${said(by)}` : ''}`,
    );
  }

  // Text.
  type Line = Box & { on: Element; layer: Element | null };
  const lines: Line[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    const e = text.parentElement!;
    if (!text.data.trim() || e.closest('script, style, option, title, noscript, textarea') || !shown(e)) continue;
    if (unseen(e)) continue;
    range.selectNodeContents(text);
    const { box, by, scrolls } = clipOf(e);
    const layer = layerOf(e);
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.height < 1) continue;
      const slack = Math.max(2, 0.3 * r.height); // a line's box is higher than its letters
      if (r.bottom <= 0 && layer) continue; // a link that comes when it has the focus
      const beyond = (r.right > box.right + 1 || r.left < box.left - 1) && !scrolls.x;
      const below = (r.bottom > box.bottom + slack || r.top < box.top - slack) && !scrolls.y;
      const outside = !scrolls.x && (r.left < -1 || r.right > innerWidth + 1);
      if (beyond || below || outside) {
        const s = by && styleOf(by);
        const ellipsis = !!s && (s.textOverflow === 'ellipsis' || Number(s.webkitLineClamp) > 0);
        if (!(ellipsis && (titled(e) || e.closest('[aria-hidden=true]'))))
          note(
            'cut',
            `${said(e)} ${ellipsis ? 'ends in … and has no title' : outside ? 'is off the window' : 'is clipped'}`,
          );
      }
      const line = { ...both(both(r, box), rolledBy(e)), on: e, layer };
      if (line.right - line.left < 2 || line.bottom - line.top < 2) continue;
      if (inScroller(e, line)) lines.push(line);
    }
  }

  // Fields: what stands in them must fit.
  const pen = document.createElement('canvas').getContext('2d')!;
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')) {
    if (!shown(field) || unseen(field)) continue;
    if (field instanceof HTMLInputElement && !/^(text|search|url|number|email|password)$/.test(field.type)) continue;
    const s = styleOf(field);
    pen.font = `${s.fontStyle} ${s.fontWeight} ${s.fontSize} ${s.fontFamily}`;
    const text = field instanceof HTMLSelectElement ? field.selectedOptions[0]?.text : field.value || field.placeholder;
    const room = field.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
    const needs = text ? pen.measureText(text).width : 0;
    if (needs > room + 2 && !(s.textOverflow === 'ellipsis' && titled(field)) && !field.title)
      note('cut', `${field.localName} “${short(text!)}” has ${Math.round(room)} px and needs ${Math.round(needs)}`);
  }

  // Text over text.
  lines.sort((a, b) => a.top - b.top);
  const overlap = (a: Box, b: Box) => ({
    x: Math.min(a.right, b.right) - Math.max(a.left, b.left),
    y: Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  });
  for (let i = 0; i < lines.length; i++) {
    const a = lines[i]!;
    for (let j = i + 1; j < lines.length && lines[j]!.top < a.bottom; j++) {
      const b = lines[j]!;
      if (a.on === b.on || a.layer !== b.layer) continue;
      const { x, y } = overlap(a, b);
      const high = Math.min(a.bottom - a.top, b.bottom - b.top);
      if (x > 3 && y > Math.max(3, 0.3 * high)) note('overlap', `${said(a.on)} and ${said(b.on)}`);
    }
  }

  // Text below something that lets nothing through.
  const opaque = (top: Element, bottom: Element) => {
    for (let p: Element | null = top; p && !p.contains(bottom); p = p.parentElement) {
      const s = styleOf(p);
      if (Number(s.opacity) < 0.5) return false;
      if (p.matches('img, canvas, video')) return true;
      const alpha = /^rgba?\([^)]*?(?:[,/] *([\d.]+))?\)$/.exec(s.backgroundColor);
      const filled =
        s.backgroundColor.startsWith('rgba') || s.backgroundColor.includes('/') ? Number(alpha?.[1] ?? 1) : 1;
      if (s.backgroundColor !== 'transparent' && filled > 0.5) return true;
    }
    return false;
  };
  for (const l of lines) {
    const y = (l.top + l.bottom) / 2;
    if (y < 0 || y >= innerHeight || styleOf(l.on).pointerEvents === 'none') continue;
    for (const x of [l.left + 2, (l.left + l.right) / 2, l.right - 2]) {
      if (x < 0 || x >= innerWidth) continue;
      const hit = document.elementFromPoint(x, y);
      if (!hit || hit === l.on || hit.contains(l.on) || l.on.contains(hit)) continue;
      if (layerOf(hit) !== l.layer && layerOf(hit)) continue;
      if (opaque(hit, l.on)) note('covered', `${said(l.on)} by ${said(hit)}`);
    }
  }

  // Controls.
  const kinds =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=radio], [role=option], [role=switch], [role=slider], [tabindex="0"]';
  const controls = [...document.querySelectorAll<HTMLElement>(kinds)].filter((e) => {
    if (!shown(e) || unseen(e)) return false;
    const r = e.getBoundingClientRect();
    return r.width > 1 && r.height > 1 && r.bottom > 0;
  });
  const boxes = controls.map((e) => {
    const box = both(e.getBoundingClientRect(), clipOf(e).box);
    return { e, ...both(box, rolledBy(e)), layer: layerOf(e) };
  });
  const within = (a: Box, b: Box) =>
    a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  for (let i = 0; i < boxes.length; i++) {
    const a = boxes[i]!;
    if (a.e.matches('[tabindex="0"]:not(a, button)')) continue; // a region that scrolls
    for (let j = i + 1; j < boxes.length; j++) {
      const b = boxes[j]!;
      if (a.layer !== b.layer || a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const { x, y } = overlap(a, b);
      if (x <= 3 || y <= 3 || within(a, b) || within(b, a) || !inScroller(a.e, a) || !inScroller(b.e, b)) continue;
      if (b.e.matches('[tabindex="0"]:not(a, button)')) continue;
      note('overlap', `${said(a.e)} and ${said(b.e)}`);
    }
    for (const l of lines) {
      if (l.top > a.bottom || a.layer !== l.layer || a.e.contains(l.on) || l.on.contains(a.e)) continue;
      if (a.e.closest('label')?.contains(l.on)) continue;
      const { x, y } = overlap(a, l);
      if (x > 3 && y > 0.3 * (l.bottom - l.top) && !within(l, a) && !within(a, l))
        note('overlap', `${said(l.on)} and ${said(a.e)}`);
    }
  }

  // Targets, as a finger meets them: the element, its label, or what it draws around itself.
  if (touch) {
    const here = { x: scrollX, y: scrollY };
    for (const { e, layer } of boxes) {
      if (e.matches('[tabindex="0"]:not(a, button, [role])') || e.closest('[inert]')) continue;
      const sentence =
        e.localName === 'a' &&
        e.parentElement &&
        styleOf(e).display === 'inline' &&
        [...e.parentElement.childNodes].some((n) => n.nodeType === 3 && n.textContent!.trim().length > 2);
      if (sentence) continue; // a link in a sentence is as high as its line
      const label = e.matches('input') ? (e as HTMLInputElement).labels?.[0] : null;
      const r = (label ?? e).getBoundingClientRect();
      const own = e.getBoundingClientRect();
      let [width, height] = label
        ? [
            Math.max(r.right, own.right) - Math.min(r.left, own.left),
            Math.max(r.bottom, own.bottom) - Math.min(r.top, own.top),
          ]
        : [r.width, r.height];
      if (Math.min(width, height) >= least - 0.5) continue;
      if (!layer) e.scrollIntoView({ block: 'center', inline: 'center' });
      const now = e.getBoundingClientRect();
      const [x, y] = [(now.left + now.right) / 2, (now.top + now.bottom) / 2];
      const meets = (dx: number, dy: number) => {
        const hit = document.elementFromPoint(x + dx, y + dy);
        return !!hit && (e.contains(hit) || !!label?.contains(hit));
      };
      const reach = (dx: number, dy: number) => {
        let n = 0;
        while (n < least && meets((n + 1) * dx, (n + 1) * dy)) n++;
        return n;
      };
      if (!meets(0, 0)) continue; // covered: another check's matter
      width = Math.max(width, reach(1, 0) + reach(-1, 0) + 1);
      height = Math.max(height, reach(0, 1) + reach(0, -1) + 1);
      if (Math.min(width, height) < least - 0.5)
        note('target', `${said(e)} is ${Math.round(width)} × ${Math.round(height)} px`);
    }
    scrollTo(here.x, here.y);
  }
  return faults;
}
