import { untrack } from 'svelte';
import { Failed } from '../api/client';
import { server } from './server.svelte';
import { tabs } from './tabs.svelte';

/**
 * A request to the server, repeated when a dependency of `load` changes, the server comes back or another tab has
 * changed something. The last answer stays until the next arrives, so that nothing flashes. `load` returns null when there is nothing to request.
 */
export class Resource<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<Failed | null>(null);
  loading = $state(false);
  #again = $state(0);

  constructor(load: (signal: AbortSignal) => Promise<T> | null) {
    $effect(() => {
      void this.#again;
      void server.returned;
      void tabs.changed;
      const abort = new AbortController();
      const answer = load(abort.signal);
      if (!answer) {
        this.value = null;
        this.error = null;
        this.loading = false;
        return;
      }
      untrack(() => (this.loading = true));
      answer.then(
        (value) => {
          if (abort.signal.aborted) return;
          this.value = value;
          this.error = null;
          this.loading = false;
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          this.error = error instanceof Failed ? error : new Failed(String(error), 0);
          this.loading = false;
        },
      );
      return () => abort.abort();
    });
  }

  again() {
    this.#again++;
  }
}
