import type { Hits } from './hits.svelte';
import type { Layout } from './layout.svelte';

/** The pictures that stand out: found by name, selected, hits of the search, or under the pointer. */
export class Selection {
  selected = $state.raw<number[]>([]);
  hovered = $state(-1);
  find = $state('');
  tag = $state(''); // being typed, for the selected
  readonly #layout: Layout;
  readonly #hits: Hits;

  constructor(layout: Layout, hits: Hits) {
    this.#layout = layout;
    this.#hits = hits;
  }

  readonly matches = $derived.by(() => {
    const word = plain(this.find.trim());
    if (!word) return null;
    const found: number[] = [];
    this.#layout.pictures.forEach((p, i) => plain(p.name).includes(word) && found.push(i));
    return found;
  });

  /** Those that stand out among the others, which are faint; null where none do. */
  readonly lit = $derived.by((): number[] | null => {
    if (this.matches) return this.matches;
    if (this.selected.length) return this.selected;
    const { pictures } = this.#hits;
    return pictures.length ? [...pictures, ...this.#hits.asked] : null;
  });

  get names(): string[] {
    return this.selected.map((i) => this.#layout.pictures[i]!.name);
  }

  /** Selects pictures by name, after another layout. */
  keep(names: string[]) {
    const keep = new Set(names);
    this.selected = this.#layout.pictures.flatMap((p, i) => (keep.has(p.name) ? [i] : []));
    this.hovered = -1;
  }
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('_', ' ').toLowerCase();
