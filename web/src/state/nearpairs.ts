import { api } from '../api/client';
import type { Term } from '../api/types';
import { library } from './library.svelte';

export type NearPair = { a: string; b: string; score: number };

/** Pairs that are close, the closest first: each of a few pictures with its nearest one. */
export async function nearPairs(model: string, pictures: number, signal?: AbortSignal): Promise<NearPair[]> {
  const page = await api.pictures(library.name, { limit: pictures }, signal);
  const found = await Promise.all(
    (page.pictures ?? []).map(async ({ name }) => {
      const [hit] = await nearest({ picture: name, weight: 1 }, 1, model, signal);
      return hit ? [{ a: name, b: hit.name, score: hit.score }] : [];
    }),
  );
  const once = new Map(found.flat().map((p) => [[p.a, p.b].sort().join('\n'), p]));
  return [...once.values()].sort((p, q) => q.score - p.score);
}

export function nearest(term: Term, top: number, model: string, signal?: AbortSignal) {
  return api.search(library.name, { query: [term], top, model }, signal).then((r) => r.hits);
}
