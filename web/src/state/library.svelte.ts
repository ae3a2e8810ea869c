import { api, Failed } from '../api/client';
import type { CollectionInfo } from '../api/types';
import { Resource } from './resource.svelte';
import { route } from './route.svelte';
import { recall, remember } from './stored';

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
    route.collection ? (this.all.find((c) => c.name === route.collection) ?? null) : preferred(this.all),
  );

  /** The current collection's name, for requests; known from the link before the list arrives. */
  readonly name: string = $derived(this.current?.name ?? route.collection);

  refresh() {
    this.#changed++;
  }

  /** Keeps which collection was looked at, for a link that names none. */
  remember() {
    if (route.collection && this.current && !this.current.error) remember(lastKey, this.current.name);
  }
}

const lastKey = 'akin-collection';

/** The collection that opens where the link names none: the last one used, else the largest. */
function preferred(all: CollectionInfo[]): CollectionInfo | null {
  const last = recall(lastKey);
  const sound = all.filter((c) => !c.error);
  const used = sound.find((c) => c.name === last);
  return used ?? sound.toSorted((a, b) => b.pictures - a.pictures)[0] ?? all[0] ?? null;
}

export const library = new Library();
