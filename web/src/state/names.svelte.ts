import { api } from '../api/client';
import type { PictureInfo, PicturePage } from '../api/types';
import { library } from './library.svelte';
import { Resource } from './resource.svelte';

/** Pictures whose names hold what is typed, asked for when the typing pauses. */
export class Names {
  #asked = $state('');
  readonly #found: Resource<PicturePage>;

  constructor(typed: () => string, limit: number) {
    $effect(() => {
      const next = typed();
      const timer = setTimeout(() => (this.#asked = next), 90);
      return () => clearTimeout(timer);
    });
    this.#found = new Resource((signal) =>
      this.#asked.replace(/^[-+]$/, '') ? api.pictures(library.name, { q: this.#asked, limit }, signal) : null,
    );
  }

  get pictures(): PictureInfo[] {
    return this.#found.value?.pictures ?? [];
  }

  /** Whether the pictures are still those of what was typed before. */
  stale(typed: string): boolean {
    return this.#asked !== typed || this.#found.loading;
  }
}
