import { untrack } from 'svelte';
import { api } from '../api/client';
import { readTerm, writeTerm } from './grammar';
import { library } from './library.svelte';
import { notices } from './notices.svelte';
import { route } from './route.svelte';

const mostNamed = 12;

/** Values of a link's `chosen` for selected pictures: a few are named, more are kept by the server, under an id. */
export async function chosenOf(names: string[]): Promise<string[]> {
  if (names.length <= mostNamed) return names.map((picture) => writeTerm({ picture, weight: 1 }));
  const { id } = await api.keepSelection(library.name, names);
  return [writeTerm({ selection: id, weight: 1 })];
}

/** Keeps what is selected in the link, and selects what the link says. Create it where effects are allowed. */
export class ChosenLink {
  /** What is selected, also what the view does not have. */
  names: string[] = [];
  #key: string | null = null; // of the link that is known
  #taken = ''; // what the view has of it
  #turn = 0;
  readonly #take: (names: string[]) => string[];

  /** `selected` is null while the view does not know yet; `take` selects pictures, and returns those that the view has. */
  constructor(selected: () => string[] | null, take: (names: string[]) => string[]) {
    this.#take = take;
    $effect(() => () => this.#turn++); // what is on its way then is of a view that was left
    $effect(() => {
      const written = route.params.getAll('chosen');
      const key = written.join('\n');
      if (key === this.#key) return;
      this.#key = key;
      untrack(() => void this.#read(written));
    });
    $effect(() => {
      const names = selected();
      if (!names || names.join('\n') === this.#taken) return;
      const timer = setTimeout(() => void this.#write(names), 120);
      return () => clearTimeout(timer);
    });
  }

  /** Selects the same again, where the view has other pictures. */
  again() {
    this.#taken = this.#take(this.names).join('\n');
  }

  async #read(written: string[]) {
    const turn = ++this.#turn;
    const names: string[] = [];
    try {
      for (const term of written.map(readTerm)) {
        if (term.picture !== undefined) names.push(term.picture);
        if (term.selection === undefined) continue;
        const kept = await api.selection(library.name, term.selection);
        names.push(...(kept.pictures ?? []));
      }
    } catch (error) {
      if (turn === this.#turn) notices.say((error as Error).message, true);
    }
    if (turn !== this.#turn) return;
    this.names = names;
    this.again();
  }

  async #write(names: string[]) {
    const turn = ++this.#turn;
    this.names = names;
    this.#taken = names.join('\n');
    try {
      const values = await chosenOf(names);
      if (turn !== this.#turn) return;
      this.#key = values.join('\n');
      route.set({ chosen: values }, true);
    } catch (error) {
      if (turn === this.#turn) notices.say((error as Error).message, true);
    }
  }
}
