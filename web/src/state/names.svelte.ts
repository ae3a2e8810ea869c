import { api } from '../api/client';
import type { PictureInfo, PicturePage } from '../api/types';
import { library } from './library.svelte';
import { Resource } from './resource.svelte';

/** Pictures whose names contain what is typed, or nearly do; requested when typing pauses. */
export class Names {
  #query = $state('');
  readonly #found: Resource<PicturePage>;

  constructor(typed: () => string, limit: number) {
    $effect(() => {
      const next = typed();
      const timer = setTimeout(() => (this.#query = next), 90);
      return () => clearTimeout(timer);
    });
    this.#found = new Resource((signal) =>
      this.#query.replace(/^[-+]$/, '')
        ? api.pictures(library.name, { q: this.#query.slice(0, 200), limit }, signal)
        : null,
    );
  }

  get pictures(): PictureInfo[] {
    return this.#found.value?.pictures ?? [];
  }

  /** Whether no name contains what is typed, and the pictures are those that it may be a misspelling of. */
  get misspelt(): boolean {
    return this.#found.value?.misspelt ?? false;
  }

  /** Whether the pictures are still those of an earlier text. */
  stale(typed: string): boolean {
    return this.#query !== typed || this.#found.loading;
  }
}
