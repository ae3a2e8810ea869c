/**
 * Where each entry of the history was scrolled to. The browser keeps that as well, but goes there before the pictures
 * are laid out again.
 */
const key = 'akin-scrolled';
let scrolled: Record<string, number> = {};
try {
  scrolled = JSON.parse(sessionStorage.getItem(key) ?? '{}') as Record<string, number>;
} catch {
  // Storage is off: a reload starts at the top.
}

function entry(): string | undefined {
  return (history.state as { entry?: string } | null)?.entry;
}

/** Whether the page came back to an entry that it was at before. */
export function isReturn(): boolean {
  return entry() !== undefined;
}

/** Gives a new entry its name; returns where a known one was scrolled to. */
export function arrive(): number | null {
  const name = entry();
  if (name !== undefined) return scrolled[name] ?? 0;
  history.replaceState(
    { ...(history.state as object | null), entry: crypto.randomUUID?.() ?? String(Math.random()) },
    '',
  );
  return null;
}

export function keepScroll() {
  const name = entry();
  if (name !== undefined) scrolled[name] = Math.round(scrollY);
}

/** For when this page is opened again. */
export function storeScrolls() {
  try {
    const last = Object.entries(scrolled).slice(-100);
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(last)));
  } catch {
    // Storage is off.
  }
}
