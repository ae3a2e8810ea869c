import type { SearchRequest, Term } from '../api/types';
import { readFilter } from './filters';
import { library } from './library.svelte';

/** Hits of which the server proves whether they show a part of the query: the best of a search. */
const verified = 30;

/** Whether a query is one picture, or a region of one: parts of others are not looked for. */
export function provable(terms: Term[]): boolean {
  return terms.length === 1 && terms[0]!.text === undefined && (terms[0]!.weight ?? 1) > 0;
}

/** The search that a link of these parameters stands for. */
export function searchRequest(terms: Term[], params: URLSearchParams): SearchRequest {
  const model = params.get('model') ?? '';
  const fused = model === 'fused';
  const r: SearchRequest = { query: terms };
  const filter = readFilter(params);
  if (Object.keys(filter).length) r.filter = filter;
  if (params.get('parts') === '1' && provable(terms) && !fused) {
    if (library.current?.parts) return { ...r, parts: true }; // no model answers it
    r.verify = verified;
  }
  const reader = library.current?.text_models?.[0];
  if (fused) r.fuse = true;
  else if (model) r.model = model;
  else if (reader && terms.some((t) => t.text !== undefined)) r.model = reader;
  if (params.get('in') === 'regions' && library.current?.regions?.length && !fused) r.in = 'regions';
  else if (params.get('fold') === '1' && !fused) r.fold = true;
  const least = Number(params.get('min') ?? NaN);
  if (Number.isFinite(least) && !fused) r.min_score = least;
  return r;
}
