import type { Term } from '../api/types';
import { library } from './library.svelte';
import { recall, remember } from './stored';

/** A search by its link's parameters; a saved one has a name. */
export type Search = { link: string; name: string };
type Kept = { saved: Search[]; recent: Search[] };

const most = 8; // recent ones
/** Those of a list that are searches: another version, or a person, may have written what is read. */
const sound = (list: unknown): Search[] =>
  Array.isArray(list)
    ? (list as (Partial<Search> | null)[]).filter(
        (s): s is Search => typeof s?.link === 'string' && typeof s.name === 'string',
      )
    : [];
const key = (collection: string) => `akin-searches-${collection}`;

/** The searches of this browser in each collection: those that were saved, and the last ones. */
class Searches {
  #kept = $state.raw<Record<string, Kept>>({});

  constructor() {
    // Another tab's.
    addEventListener('storage', (event) => {
      if (event.key?.startsWith('akin-searches-')) this.#kept = {};
    });
  }

  get saved(): Search[] {
    return this.#of(library.name).saved;
  }
  get recent(): Search[] {
    return this.#of(library.name).recent.filter((r) => !this.saved.some((s) => s.link === r.link));
  }

  isSaved(link: string): boolean {
    return this.saved.some((s) => s.link === link);
  }

  /** Remembers a search that was made. */
  made(terms: Term[], link: string, name: string) {
    if (!terms.length) return;
    const { saved, recent } = this.#of(library.name);
    this.#keep({ saved, recent: [{ link, name }, ...recent.filter((r) => r.link !== link)].slice(0, most) });
  }

  save(search: Search) {
    const { saved, recent } = this.#of(library.name);
    this.#keep({ saved: [...saved.filter((s) => s.link !== search.link), search], recent });
  }

  forget(link: string) {
    const { saved, recent } = this.#of(library.name);
    const others = (list: Search[]) => list.filter((s) => s.link !== link);
    this.#keep({ saved: others(saved), recent: saved.some((s) => s.link === link) ? recent : others(recent) });
  }

  #of(collection: string): Kept {
    const known = this.#kept[collection];
    if (known) return known;
    try {
      const read = JSON.parse(recall(key(collection)) ?? '') as Record<keyof Kept, unknown>;
      return { saved: sound(read.saved), recent: sound(read.recent) };
    } catch {
      return { saved: [], recent: [] };
    }
  }

  #keep(kept: Kept) {
    this.#kept = { ...this.#kept, [library.name]: kept };
    remember(key(library.name), JSON.stringify(kept));
  }
}

export const searches = new Searches();
