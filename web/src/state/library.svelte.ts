import { api, Failed } from '../api/client';
import type { CollectionInfo } from '../api/types';
import { Resource } from './resource.svelte';
import { route } from './route.svelte';

/** The collections of the server, and the one in the link. */
class Library {
  #list = $state.raw<Resource<CollectionInfo[]> | null>(null);
  #changed = $state(0);

  /** Called once, where effects may live. */
  open() {
    this.#list = new Resource((signal) => {
      void this.#changed;
      return api.collections(signal);
    });
  }

  get all(): CollectionInfo[] {
    return this.#list?.value ?? [];
  }
  get loaded(): boolean {
    return this.#list?.value != null;
  }
  get error(): Failed | null {
    return this.#list?.error ?? null;
  }

  // Derived, so that dependants do not run again at every change of the link.
  readonly current = $derived(
    route.collection ? (this.all.find((c) => c.name === route.collection) ?? null) : (this.all[0] ?? null),
  );

  /** The current collection's name, for requests; known from the link before the list arrives. */
  readonly name: string = $derived(this.current?.name ?? route.collection);

  refresh() {
    this.#changed++;
  }
}

export const library = new Library();
