import type { Layout } from './layout.svelte';

/** Which pictures stand out: chosen, found by a name, or under the pointer. */
export class Choice {
  chosen = $state.raw<number[]>([]);
  hovered = $state(-1);
  find = $state('');
  tag = $state(''); // to be given to the chosen
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

  /** Each picture's state, as a scene takes it. */
  readonly states = $derived.by(() => {
    const only = this.matches ?? (this.chosen.length ? this.chosen : null);
    const states = new Uint8Array(this.#layout.pictures.length);
    if (only) {
      states.fill(1);
      for (const i of only) states[i] = 2;
    }
    return states;
  });

  get names(): string[] {
    return this.chosen.map((i) => this.#layout.pictures[i]!.name);
  }

  /** Chooses pictures by their names, after they were laid out anew. */
  keep(names: string[]) {
    const keep = new Set(names);
    this.chosen = this.#layout.pictures.flatMap((p, i) => (keep.has(p.name) ? [i] : []));
    this.hovered = -1;
  }
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('_', ' ').toLowerCase();
