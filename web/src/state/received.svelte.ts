// Pictures that come from outside of the page: shared by another app, or opened with this one where it is installed. What is
// shared is kept by the worker, public/sw.js, until it is searched with; for a browser that has lost it, by the server.
import { sharedForm } from '../api/client';
import { notices } from './notices.svelte';
import { query } from './query.svelte';

type Launch = { files?: { getFile: () => Promise<File> }[] };
type Launched = { launchQueue?: { setConsumer: (take: (launch: Launch) => void) => void } };

const shared = 'akin-shared';
const unread = 'What was shared cannot be read.';
const neither = 'What was shared is neither a picture nor the address of one.';

/** Why the server kept nothing, by what it says in the link instead of a key. */
const refused: Record<string, string> = {
  signin: 'Sign in, then share the picture again.',
  large: 'That is more than the server takes at a time: share fewer pictures.',
  busy: 'The server is busy: share the picture again in a minute.',
  unread,
};

const text = (value: FormDataEntryValue | null) => (typeof value === 'string' ? value : '');

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
    const key = new URLSearchParams(location.search).get('shared'); // empty where the worker has kept it
    if (key !== null) history.replaceState(history.state, '', location.pathname + location.hash);
    if (key) this.#fetch(key).catch(() => notices.say(unread, true));
    if ('caches' in window) this.#read(key === '').catch(() => key === '' && notices.say(unread, true));
  }

  /** Takes what the server has kept, which it gives once. */
  async #fetch(key: string) {
    if (Object.hasOwn(refused, key)) return notices.say(refused[key]!, true);
    const form = await sharedForm(key);
    const files = form.getAll('picture').filter((f) => f instanceof File && f.size > 0) as File[];
    const address = /https?:\/\/\S+/.exec(`${text(form.get('url'))} ${text(form.get('text'))}`)?.[0] ?? '';
    if (files.length) this.#files = [...this.#files, ...files];
    else if (address) this.#address = address;
    else notices.say(neither, true);
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
    else if (now && !this.#address) notices.say(neither, true);
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
