import type { Key } from './view';
import { views, type ViewName } from '../views';

/** The keys that open views, after g. */
export const goTo: Record<string, ViewName> = Object.fromEntries(views.map((v) => [v.key, v.name]));

export const help: { title: string; keys: readonly Key[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['/', 'go to the search field'],
      ['t', 'switch theme'],
      ['?', 'show these shortcuts'],
      ['Esc', 'close'],
    ],
  },
  {
    title: 'Views',
    keys: views.map((v): Key => [`g then ${v.key}`, v.title]),
  },
  {
    title: 'Pictures',
    keys: [
      ['← → ↑ ↓', 'move'],
      ['Enter', 'find similar pictures'],
      ['Space', 'show details'],
      ['a', 'more like this: add to the query'],
      ['s', 'less like this: subtract from the query'],
      ['c', 'compare models'],
      ['x', 'explain the similarity'],
      ['m', 'show on the map'],
      ['v', 'select, and more with Shift and an arrow'],
    ],
  },
  ...views.flatMap((v) => (v.keys ? [{ title: v.title, keys: v.keys }] : [])),
];

/** Whether a key goes to a field that someone is typing in. */
export function writing(event: KeyboardEvent): boolean {
  const on = event.target as HTMLElement | null;
  if (!on || event.metaKey || event.ctrlKey || event.altKey) return true;
  return on.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName);
}
