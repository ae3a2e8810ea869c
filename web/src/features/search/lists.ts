import { api } from '../../api/client';
import type { Failure, Filter, Hit, PartsSearched, PictureInfo, SearchRequest } from '../../api/types';
import type { Item } from './item';
import { monthOf, type Sort } from './sorts';
import type { KeptLists, Page } from './pages.svelte';

/** What is asked for: a search, or the pictures of a collection. Its JSON is the key of the list. */
export type Asked = { collection: string } & ({ search: SearchRequest } | { browse: Filter; sort: Sort });
/** What a list says besides its items. */
export type About = {
  model: string;
  none: boolean;
  best: Hit | undefined;
  skipped: Failure[];
  total: number | undefined;
  parts: PartsSearched | undefined;
};

const firstPage = 100; // soon there
const laterPage = 500;

/** Lists of lately, which outlive the view, so that Back finds them. */
export const lists: KeptLists<Item, About> = new Map();

export async function load(key: string, after: string, signal: AbortSignal): Promise<Page<Item, About>> {
  const asked = JSON.parse(key) as Asked;
  return 'search' in asked
    ? hits(asked.collection, asked.search, Number(after), signal)
    : pictures(asked, after, signal);
}

async function hits(collection: string, search: SearchRequest, skip: number, signal: AbortSignal) {
  const top = skip ? laterPage : firstPage;
  const r = await api.search(collection, { ...search, top, ...(skip && { skip }) }, signal);
  const items = r.hits.map((hit): Item => ({
    name: hit.name,
    source: hit.source,
    width: hit.width ?? 0,
    height: hit.height ?? 0,
    hit,
  }));
  const about: About = {
    model: r.model,
    none: r.no_good_match === true && r.hits.length > 0,
    best: r.hits[0],
    skipped: r.skipped ?? [],
    total: undefined,
    parts: r.parts,
  };
  return {
    items,
    about,
    ...(r.hits.length === top && !search.verify && !search.parts && !search.in && { next: String(skip + top) }),
  };
}

async function pictures(asked: Extract<Asked, { browse: Filter }>, cursor: string, signal: AbortSignal) {
  const limit = cursor ? laterPage : firstPage;
  const page = await api.pictures(asked.collection, { ...asked.browse, sort: asked.sort, limit, cursor }, signal);
  const dated = asked.sort.endsWith('date');
  const item = (p: PictureInfo): Item => ({
    name: p.name,
    source: p.source,
    width: p.width,
    height: p.height,
    ...(dated && { group: monthOf(p.date) }),
  });
  const about: About = { model: '', none: false, best: undefined, skipped: [], total: page.total, parts: undefined };
  return { items: page.pictures.map(item), about, ...(page.next && { next: page.next }) };
}
