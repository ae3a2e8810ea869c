import type { Filter } from '../api/types';

/** A condition of a filter: its parameter in the link, its field in a request, and its input. */
type Condition = { key: string; label: string; hint: string } & (
  | { field: 'under' | 'after' | 'before' }
  | { field: 'names' | 'tags' | 'not_tags'; list: true } // separated by commas
);

/** All conditions that the page can set. */
export const conditions: Condition[] = [
  { key: 'under', field: 'under', label: 'In folder', hint: 'any' },
  { key: 'names', field: 'names', list: true, label: 'Names', hint: 'img_*, 2024/**, *.png' },
  { key: 'after', field: 'after', label: 'Taken after', hint: '2023 or 2023-07-31' },
  { key: 'before', field: 'before', label: 'Taken before', hint: '2024' },
  { key: 'tag', field: 'tags', list: true, label: 'With tags', hint: 'holiday, sea' },
  { key: 'nottag', field: 'not_tags', list: true, label: 'Without tags', hint: 'screenshot' },
];

export function readFilter(params: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const c of conditions) {
    if ('list' in c) {
      const all = params.getAll(c.key).flatMap(listed);
      if (all.length) filter[c.field] = all;
    } else {
      const value = params.get(c.key);
      if (value) filter[c.field] = value;
    }
  }
  return filter;
}

export function filterCount(params: URLSearchParams): number {
  return conditions.filter((c) => params.get(c.key)).length;
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);
}
