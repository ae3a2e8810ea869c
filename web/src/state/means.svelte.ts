import { SvelteMap } from 'svelte/reactivity';
import { api } from '../api/client';
import type { Selection } from '../api/types';
import { library } from './library.svelte';
import { plural } from './words';

const shown = 200; // pictures of a selection that are kept, at most

/** The selections whose means are searched with. The server has them, by their ids. */
class Means {
  readonly #known = new SvelteMap<string, Selection | null>(); // null where the server has none
  readonly #asked = new Set<string>();

  /** How many pictures a selection has, and the first of them; undefined until that is known. */
  of(id: string): Selection | null | undefined {
    const key = `${library.name}/${id}`;
    if (!this.#asked.has(key)) {
      this.#asked.add(key);
      api.selection(library.name, id).then(
        (selection) => this.#known.set(key, { ...selection, pictures: selection.pictures?.slice(0, shown) ?? [] }),
        (error: { status?: number }) => {
          if (error.status === 404) this.#known.set(key, null);
          else this.#asked.delete(key); // asked again when it is looked at again
        },
      );
    }
    return this.#known.get(key);
  }

  name(id: string): string {
    const selection = this.of(id);
    if (selection === null) return 'a selection that is gone';
    return selection ? `mean of ${plural(selection.count, 'picture')}` : 'mean of a selection';
  }
}

export const means = new Means();
