// Pictures that come from outside of the page: shared by another app (public/sw.js keeps them), or opened with this one
// where it is installed.
import { notices } from './notices.svelte';
import { query } from './query.svelte';

type Launch = { files?: { getFile: () => Promise<File> }[] };
type Launched = { launchQueue?: { setConsumer: (take: (launch: Launch) => void) => void } };

const shared = 'akin-shared';

class Received {
  #files = $state.raw<File[]>([]);
  #address = $state('');

  /** Whether something waits to be searched with. */
  readonly waits = $derived(this.#files.length > 0 || this.#address !== '');

  #kept: Request[] = []; // of what was shared: it goes once it is searched with, so that signing in by a link loses nothing

  /** Takes what comes from now on, and what was shared before. */
  listen() {
    (window as Launched).launchQueue?.setConsumer((launch) => {
      if (launch.files?.length)
        void Promise.all(launch.files.map((f) => f.getFile())).then(
          (files) => (this.#files = [...this.#files, ...files]),
          () => notices.say('The picture cannot be read.', true),
        );
    });
    const now = new URLSearchParams(location.search).has('shared');
    if (now) history.replaceState(history.state, '', location.pathname + location.hash);
    if ('caches' in window) this.#read(now).catch(() => now && notices.say('What was shared cannot be read.', true));
  }

  async #read(now: boolean) {
    if (!now && !(await caches.has(shared))) return;
    const cache = await caches.open(shared);
    const files: File[] = [];
    for (const key of await cache.keys()) {
      const kept = await cache.match(key);
      if (!kept) continue;
      if (kept.headers.has('X-Address')) this.#address = await kept.text();
      else {
        const blob = await kept.blob();
        files.push(new File([blob], decodeURIComponent(kept.headers.get('X-Name') ?? ''), { type: blob.type }));
      }
      this.#kept.push(key);
    }
    if (files.length) this.#files = [...this.#files, ...files];
    else if (now && !this.#address) notices.say('What was shared is neither a picture nor the address of one.', true);
  }

  /** Searches with what came. */
  async search() {
    const files = this.#files;
    const address = this.#address;
    this.#files = [];
    this.#address = '';
    const kept = this.#kept.splice(0);
    if (kept.length) {
      const cache = await caches.open(shared);
      await Promise.all(kept.map((key) => cache.delete(key)));
    }
    if (files.length) await query.upload(files, false);
    else if (address) query.search([{ url: address, weight: 1 }], 'search');
  }
}

export const received = new Received();
