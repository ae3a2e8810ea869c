import type { View } from './route.svelte';

export const goTo: Record<string, View> = {
  s: 'search',
  c: 'compare',
  x: 'explain',
  m: 'map',
  e: 'evaluate',
  b: 'bias',
  p: 'probe',
  d: 'duplicates',
  l: 'collections',
};

export const help: { title: string; keys: [string, string][] }[] = [
  {
    title: 'Anywhere',
    keys: [
      ['/', 'to the query'],
      ['g then s', 'Search'],
      ['g then c', 'Compare'],
      ['g then x', 'Explain'],
      ['g then m', 'Map'],
      ['g then e', 'Evaluate'],
      ['g then b', 'Bias'],
      ['g then p', 'Probe'],
      ['g then d', 'Duplicates'],
      ['g then l', 'Collections'],
      ['t', 'light, dark, or as the system has it'],
      ['?', 'this list'],
      ['Esc', 'closes what is open'],
    ],
  },
  {
    title: 'Among pictures',
    keys: [
      ['← → ↑ ↓', 'move'],
      ['Enter', 'what looks like it'],
      ['Space', 'look closer'],
      ['a', 'add to the query'],
      ['s', 'subtract from the query'],
      ['c', 'compare models'],
      ['x', 'explain the likeness'],
    ],
  },
  {
    title: 'On the map',
    keys: [
      ['← → ↑ ↓', 'move'],
      ['+  −', 'nearer, farther'],
      ['0', 'all of it'],
      ['l', 'lasso, or drag with Shift'],
      ['n  p', 'next and previous cluster'],
      ['Enter', 'look at what is in the middle'],
    ],
  },
];

/** Whether a key goes to a field that the person is writing in. */
export function writing(event: KeyboardEvent): boolean {
  const on = event.target as HTMLElement | null;
  if (!on || event.metaKey || event.ctrlKey || event.altKey) return true;
  return on.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName);
}
