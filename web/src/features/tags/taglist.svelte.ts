import { api } from '../../api/client';
import type { TagInfo } from '../../api/types';
import { library } from '../../state/library.svelte';

/** The tags of the collection, asked for where a field needs them. */
class TagList {
  all = $state.raw<TagInfo[]>([]);
  #of = $state(''); // the collection

  get names(): string[] {
    return this.#of === library.name ? this.all.map((t) => t.tag) : [];
  }

  load() {
    if (this.#of !== library.name) this.refresh();
  }

  refresh() {
    this.ask(library.name).catch(() => {}); // the field goes without
  }

  /** Asks for the tags of a collection, for a view that shows them; fields have them then too. */
  async ask(collection: string, signal?: AbortSignal): Promise<TagInfo[]> {
    const tags = await api.tags(collection, signal);
    this.#of = collection;
    this.all = tags;
    return tags;
  }
}

export const tagList = new TagList();
