import type { Filter } from '../api/types';

/**
 * A condition of a filter: its parameter in the link, its field in a request, and its input, if it has one: what pictures
 * have in a `facet` is chosen from a list.
 */
export type Condition = { key: string; label: string; hint: string } & (
  | { field: 'under' | 'after' | 'before' }
  | { field: 'taken'; facet: true }
  | { field: 'names' | 'tags' | 'not_tags'; list: true } // separated by commas
  | { field: 'cameras' | 'lenses' | 'labels' | 'keywords'; facet: true } // a parameter each, which may have commas
  | { field: 'captions'; said: true } // words, shown where pictures have titles or captions
  | { field: 'rating'; facet: true }
  | { field: 'near' | 'box'; numbers: true }
);

/** All conditions that the page can set. */
export const conditions: Condition[] = [
  { key: 'under', field: 'under', label: 'In folder', hint: 'any' },
  { key: 'names', field: 'names', list: true, label: 'Names', hint: 'img_*, 2024/**, *.png' },
  { key: 'after', field: 'after', label: 'Taken after', hint: '2023 or 2023-07-31' },
  { key: 'before', field: 'before', label: 'Taken before', hint: '2024' },
  { key: 'tag', field: 'tags', list: true, label: 'With tags', hint: 'holiday, sea' },
  { key: 'nottag', field: 'not_tags', list: true, label: 'Without tags', hint: 'screenshot' },
  { key: 'caption', field: 'captions', said: true, label: 'Words of the caption', hint: 'red barn' },
  { key: 'near', field: 'near', numbers: true, label: 'Near', hint: 'latitude, longitude, km' },
  { key: 'box', field: 'box', numbers: true, label: 'In area', hint: 'south, west, north, east' },
  { key: 'taken', field: 'taken', facet: true, label: 'Year', hint: '' },
  { key: 'camera', field: 'cameras', facet: true, label: 'Camera', hint: '' },
  { key: 'lens', field: 'lenses', facet: true, label: 'Lens', hint: '' },
  { key: 'rating', field: 'rating', facet: true, label: 'Stars, at least', hint: '' },
  { key: 'label', field: 'labels', facet: true, label: 'Label', hint: '' },
  { key: 'keyword', field: 'keywords', facet: true, label: 'Keyword', hint: '' },
];

export function readFilter(params: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const c of conditions) {
    const all = params.getAll(c.key).filter(Boolean);
    if (!all.length) continue;
    switch (c.field) {
      case 'names':
      case 'tags':
      case 'not_tags':
        filter[c.field] = all.flatMap(listed);
        break;
      case 'cameras':
      case 'lenses':
      case 'labels':
      case 'keywords':
      case 'captions':
        filter[c.field] = all;
        break;
      case 'near':
      case 'box':
        filter[c.field] = listed(all[0]!).map(Number);
        break;
      case 'rating':
        filter.rating = Number(all[0]);
        break;
      default:
        filter[c.field] = all[0]!;
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
