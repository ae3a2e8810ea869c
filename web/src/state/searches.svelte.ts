import type { Term } from '../api/types';
import { library } from './library.svelte';

/** A search by its link's parameters; a saved one has a name. */
export type Search = { link: string; name: string };
type Kept = { saved: Search[]; recent: Search[] };

const most = 8; // recent ones
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
      const read = JSON.parse(localStorage.getItem(key(collection)) ?? '') as Partial<Kept>;
      return { saved: read.saved ?? [], recent: read.recent ?? [] };
    } catch {
      return { saved: [], recent: [] };
    }
  }

  #keep(kept: Kept) {
    this.#kept = { ...this.#kept, [library.name]: kept };
    try {
      localStorage.setItem(key(library.name), JSON.stringify(kept));
    } catch {
      // Storage is off or full: they last as long as the page.
    }
  }
}

export const searches = new Searches();
