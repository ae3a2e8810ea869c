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
    const collection = library.name;
    void api.tags(collection).then(
      (tags) => {
        this.#of = collection;
        this.all = tags;
      },
      () => {}, // the field goes without
    );
  }
}

export const tagList = new TagList();
