import type { Filter } from '../api/types';

/** The parts of a link that filter pictures. */
export const filterKeys = ['under', 'names', 'after', 'before', 'tag', 'nottag'] as const;

export function readFilter(params: URLSearchParams): Filter {
  const filter: Filter = {};
  const under = params.get('under');
  const names = params.getAll('names').flatMap(listed);
  const tags = params.getAll('tag').flatMap(listed);
  const not = params.getAll('nottag').flatMap(listed);
  const after = params.get('after');
  const before = params.get('before');
  if (under) filter.under = under;
  if (names.length) filter.names = names;
  if (after) filter.after = after;
  if (before) filter.before = before;
  if (tags.length) filter.tags = tags;
  if (not.length) filter.not_tags = not;
  return filter;
}

export function filterCount(params: URLSearchParams): number {
  return filterKeys.filter((key) => params.get(key)).length;
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);
}
