import { views, type ViewName } from '../views';

/** The keys that open views, after g. */
export const goTo: Record<string, ViewName> = Object.fromEntries(views.map((v) => [v.key, v.name]));

export const help: { title: string; keys: [string, string][] }[] = [
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
    keys: views.map((v): [string, string] => [`g then ${v.key}`, v.title]),
  },
  {
    title: 'Pictures',
    keys: [
      ['← → ↑ ↓', 'move'],
      ['Enter', 'find similar pictures'],
      ['Space', 'show details'],
      ['a', 'add to the query'],
      ['s', 'subtract from the query'],
      ['c', 'compare models'],
      ['x', 'explain the similarity'],
    ],
  },
  {
    title: 'Map',
    keys: [
      ['← → ↑ ↓', 'move'],
      ['+  −', 'zoom in, zoom out'],
      ['0', 'show everything'],
      ['l', 'lasso, or drag with Shift'],
      ['n  p', 'next and previous cluster'],
      ['Enter', 'show the picture in the middle'],
    ],
  },
];

/** Whether a key goes to a field that someone is typing in. */
export function writing(event: KeyboardEvent): boolean {
  const on = event.target as HTMLElement | null;
  if (!on || event.metaKey || event.ctrlKey || event.altKey) return true;
  return on.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName);
}
