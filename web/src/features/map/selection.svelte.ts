import type { Layout } from './layout.svelte';

/** The pictures that stand out: selected, found by name, or under the pointer. */
export class Selection {
  selected = $state.raw<number[]>([]);
  hovered = $state(-1);
  find = $state('');
  tag = $state(''); // being typed, for the selected
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  readonly matches = $derived.by(() => {
    const word = plain(this.find.trim());
    if (!word) return null;
    const found: number[] = [];
    this.#layout.pictures.forEach((p, i) => plain(p.name).includes(word) && found.push(i));
    return found;
  });

  /** Each picture's state for the scene. */
  readonly states = $derived.by(() => {
    const only = this.matches ?? (this.selected.length ? this.selected : null);
    const states = new Uint8Array(this.#layout.pictures.length);
    if (only) {
      states.fill(1);
      for (const i of only) states[i] = 2;
    }
    return states;
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
