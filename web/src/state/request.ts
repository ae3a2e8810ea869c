import type { SearchRequest, Term } from '../api/types';
import { readFilter } from './filters';
import { library } from './library.svelte';

/** The search that a link of these parameters stands for. */
export function searchRequest(terms: Term[], params: URLSearchParams): SearchRequest {
  const model = params.get('model') ?? '';
  const fused = model === 'fused';
  const r: SearchRequest = { query: terms };
  const reader = library.current?.text_models?.[0];
  if (fused) r.fuse = true;
  else if (model) r.model = model;
  else if (reader && terms.some((t) => t.text !== undefined)) r.model = reader;
  if (params.get('fold') === '1' && !fused) r.fold = true;
  const least = Number(params.get('min') ?? NaN);
  if (Number.isFinite(least) && !fused) r.min_score = least;
  const filter = readFilter(params);
  if (Object.keys(filter).length) r.filter = filter;
  return r;
}
