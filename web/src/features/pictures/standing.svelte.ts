import { api } from '../../api/client';
import type { Comparison, Hit } from '../../api/types';
import { library } from '../../state/library.svelte';
import { query } from '../../state/query.svelte';
import { Resource } from '../../state/resource.svelte';

const top = 100;

/** A picture's place in the answer of each model. */
export type Place = { model: string; hit: Hit | null };

/** Where pictures stand in the answers to the query. One comparison of the models answers for all pictures of a query. */
export class Standing {
  readonly #query = $derived(query.terms.length ? JSON.stringify(query.terms) : '');
  readonly #compared: Resource<Comparison>;

  constructor() {
    this.#compared = new Resource((signal) =>
      this.#query ? api.compare(library.name, { query: JSON.parse(this.#query), top }, signal) : null,
    );
  }

  /** Nothing for a picture that is asked for: answers leave it out. */
  of(name: string): Place[] {
    if (query.terms.some((t) => t.picture === name)) return [];
    return (this.#compared.value?.rows ?? []).map(({ model, hits }) => ({
      model,
      hit: hits.find((h) => h.name === name) ?? null,
    }));
  }

  readonly beyond = top;
}
