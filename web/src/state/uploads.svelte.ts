import { SvelteMap } from 'svelte/reactivity';
import { api } from '../api/client';

type Kept = { id: string; name: string; blob: Blob; used: number };

const most = 40; // pictures that are kept
const mostBytes = 256e6;

/**
 * The pictures that this browser uploaded. The server forgets them after a while and when it restarts; links to them
 * outlive that, as the browser keeps the pictures (IndexedDB) and sends one again that the server no longer has.
 */
class Uploads {
  readonly #names = new SvelteMap<string, string>();
  /** How often pictures were sent again: their thumbnails have to be asked for again. */
  returned = $state(0);
  readonly #asked = new Set<string>();
  #opened: Promise<IDBDatabase | null> | null = null;

  async send(file: Blob): Promise<string> {
    const { upload: id } = await api.upload(file);
    const name = file instanceof File ? file.name.replace(/\.[^.]+$/, '') : '';
    this.#names.set(id, name || 'Camera picture');
    await this.#keep({ id, name: name || 'Camera picture', blob: file, used: Date.now() });
    return id;
  }

  /** What the file was called; asks the browser's store where that is not known yet. */
  name(id: string): string {
    const known = this.#names.get(id);
    if (known === undefined && !this.#asked.has(id)) {
      this.#asked.add(id);
      void this.#find(id).then((kept) => kept && this.#names.set(id, kept.name));
    }
    return known || 'your picture';
  }

  /** Sends a picture again that the server no longer has; false where the browser does not have it either. */
  async restore(id: string): Promise<boolean> {
    const kept = await this.#find(id);
    if (!kept) return false;
    const { upload } = await api.upload(kept.blob);
    await this.#keep({ ...kept, used: Date.now() });
    this.returned++;
    return upload === id;
  }

  #open(): Promise<IDBDatabase | null> {
    this.#opened ??= new Promise((done) => {
      try {
        const request = indexedDB.open('akin-uploads', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('uploads', { keyPath: 'id' });
        request.onsuccess = () => done(request.result);
        request.onerror = () => done(null); // storage is off: links end with the server's memory
      } catch {
        done(null);
      }
    });
    return this.#opened;
  }

  async #store<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    const database = await this.#open();
    if (!database) return null;
    return new Promise((done) => {
      const request = ask(database.transaction('uploads', mode).objectStore('uploads'));
      request.onsuccess = () => done(request.result);
      request.onerror = () => done(null);
    });
  }

  #find(id: string): Promise<Kept | null> {
    return this.#store<Kept | undefined>('readonly', (s) => s.get(id)).then((kept) => kept ?? null);
  }

  async #keep(kept: Kept) {
    await this.#store('readwrite', (s) => s.put(kept));
    const all = (await this.#store<Kept[]>('readonly', (s) => s.getAll())) ?? [];
    let bytes = 0;
    const over = all
      .sort((a, b) => b.used - a.used)
      .filter((k, i) => {
        bytes += k.blob.size;
        return i >= most || (bytes > mostBytes && i > 0);
      });
    for (const { id } of over) await this.#store('readwrite', (s) => s.delete(id));
  }
}

export const uploads = new Uploads();
