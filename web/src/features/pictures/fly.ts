import { tick } from 'svelte';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Makes a picture of the view grow into the one that is looked at, where the browser can and motion is wanted. */
export function fly(name: string, update: () => void) {
  const from = calm.matches || document.querySelector('dialog[open]') ? undefined : inView(name);
  if (!from || !document.startViewTransition) {
    update();
    return;
  }
  from.style.viewTransitionName = 'picture';
  const flight = document.startViewTransition(async () => {
    from.style.viewTransitionName = '';
    update();
    await tick();
  });
  flight.ready.catch(() => {}); // skipped, as by a hidden tab: the picture is there all the same
}

function inView(name: string): HTMLImageElement | undefined {
  return [...document.querySelectorAll<HTMLImageElement>('main img')].find((img) => {
    const r = img.getBoundingClientRect();
    const seen = r.width > 0 && r.bottom > 0 && r.top < innerHeight;
    return seen && img.src && new URL(img.src).searchParams.get('name') === name;
  });
}
