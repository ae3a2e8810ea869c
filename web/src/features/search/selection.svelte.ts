import { SvelteSet } from 'svelte/reactivity';

/** The pictures that were selected, by name. */
class Selection {
  readonly names = new SvelteSet<string>();
  #anchor = '';

  get any(): boolean {
    return this.names.size > 0;
  }

  toggle(name: string) {
    if (!this.names.delete(name)) this.names.add(name);
    this.#anchor = name;
  }

  /** Adds all of a list from the one that was chosen last to this one. */
  extend(name: string, list: { name: string }[]) {
    const from = list.findIndex((i) => i.name === this.#anchor);
    const to = list.findIndex((i) => i.name === name);
    if (from < 0) return this.toggle(name);
    for (const item of list.slice(Math.min(from, to), Math.max(from, to) + 1)) this.names.add(item.name);
  }

  all(list: { name: string }[]) {
    for (const item of list) this.names.add(item.name);
  }

  set(names: string[]) {
    this.names.clear();
    for (const name of names) this.names.add(name);
  }

  clear() {
    this.names.clear();
    this.#anchor = '';
  }
}

export const selection = new Selection();
