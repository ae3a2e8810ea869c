import { untrack } from 'svelte';
import { Failed } from '../../api/client';
import { server } from '../../state/server.svelte';

export type Page<Item, About> = { items: Item[]; about: About; next?: string };
export type KeptLists<Item, About> = Map<string, Kept<Item, About>>;
type Kept<Item, About> = { items: Item[]; about: About; next: string | undefined };

const keptLists = 12;

/**
 * A list that the server gives a page at a time, asked anew when its key changes. Lists of lately are kept, so that
 * Back shows what was there. The last list stays until the next arrives, so that nothing flashes.
 */
export class Pages<Item, About> {
  items = $state.raw<Item[]>([]);
  about = $state.raw<About | null>(null);
  /** Of the list that is shown. */
  key = $state('');
  error = $state.raw<Failed | null>(null);
  loading = $state(false); // the first page
  more = $state(false); // another one
  #next = $state.raw<string | undefined>();
  #again = $state(0);
  #abort: AbortController | null = null;
  #shownAgain = 0;

  constructor(
    key: () => string,
    private readonly load: (key: string, after: string, signal: AbortSignal) => Promise<Page<Item, About>>,
    /** Whether a list of lately will do. */
    private readonly returning: () => boolean,
    private readonly kept: KeptLists<Item, About>,
  ) {
    $effect(() => {
      const wanted = key();
      const again = this.#again + server.returned;
      untrack(() => this.#show(wanted, again));
      return () => this.#abort?.abort();
    });
  }

  #show(key: string, again: number) {
    this.#abort?.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.error = null;
    this.more = false;
    const kept = this.kept.get(key);
    if (kept && again === this.#shownAgain && this.returning()) {
      this.#set(key, kept);
      this.loading = false;
      return;
    }
    this.#shownAgain = again;
    this.loading = true;
    void this.load(key, '', signal).then(
      (page) => {
        if (signal.aborted) return;
        this.#set(key, { items: page.items, about: page.about, next: page.next });
        this.loading = false;
      },
      (error: unknown) => this.#fail(error, signal),
    );
  }

  #set(key: string, list: Kept<Item, About>) {
    this.key = key;
    this.items = list.items;
    this.about = list.about;
    this.#next = list.next;
    if (!key) return;
    this.kept.delete(key);
    this.kept.set(key, list);
    if (this.kept.size > keptLists) this.kept.delete(this.kept.keys().next().value!);
  }

  #fail(error: unknown, signal: AbortSignal) {
    if (signal.aborted) return;
    this.error = error instanceof Failed ? error : new Failed(String(error), 0);
    this.loading = false;
    this.more = false;
  }

  get whole(): boolean {
    return this.#next === undefined;
  }

  /** Adds the next page, if there is one. */
  async further() {
    if (this.whole || this.more || this.loading || !this.#abort) return;
    const { signal } = this.#abort;
    this.more = true;
    try {
      const page = await this.load(this.key, this.#next!, signal);
      if (signal.aborted) return;
      this.#set(this.key, { items: [...this.items, ...page.items], about: this.about!, next: page.next });
      this.more = false;
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  again() {
    this.#again++;
  }
}
