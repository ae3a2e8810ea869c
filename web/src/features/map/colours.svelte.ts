import { untrack } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import type { MapResult } from '../../api/types';
import { Work } from '../../state/jobs.svelte';
import { library } from '../../state/library.svelte';
import { notices } from '../../state/notices.svelte';
import { server } from '../../state/server.svelte';
import { theme } from '../../state/theme.svelte';
import { optionsFor, type Asked } from './asked.svelte';
import { folderOf, type Layout } from './layout.svelte';
import { hue, palette } from './palette';

/** What colours the pictures: their clusters, their folders, or another model's clusters. */
export class Colours {
  #clusters = $state.raw(new Map<string, Map<string, number>>()); // by model: each picture's
  readonly #system = new MediaQuery('(prefers-color-scheme: dark)');
  readonly #work = new Work('map'); // that finds another model's clusters,
  #finding = ''; // and whose
  readonly #asked: Asked;
  readonly #layout: Layout;

  constructor(asked: Asked, layout: Layout) {
    this.#asked = asked;
    this.#layout = layout;
    // Another model's clusters on this model's map show what the two see otherwise.
    $effect(() => {
      void server.returned;
      const { other } = asked;
      if (!other || other === asked.model || this.#clusters.has(other) || !layout.pictures.length) return;
      untrack(() => this.#find(other));
    });
    $effect(() => {
      const { result, error } = this.#work;
      if (result) untrack(() => this.remember(this.#finding, result));
      if (error) untrack(() => notices.say(error.message, true));
    });
  }

  readonly palette = $derived.by(() => {
    void this.#system.current;
    return palette(theme.dark);
  });

  /** Each picture's place in the palette. */
  readonly places = $derived.by(() => {
    const { pictures } = this.#layout;
    if (this.#asked.by === 'folder') {
      const place = new Map(this.#layout.folders.map((f, i) => [f.path, i + 1]));
      return Uint8Array.from(pictures, (p) => hue(place.get(folderOf(p)) ?? 0));
    }
    const other = this.#clusters.get(this.#asked.other);
    return Uint8Array.from(pictures, (p) => hue(other ? (other.get(p.name) ?? 0) : p.cluster));
  });

  remember(model: string, result: MapResult) {
    const clusters = new Map<string, number>(result.pictures.map((p) => [p.name, p.cluster]));
    this.#clusters = new Map(this.#clusters).set(model, clusters);
  }

  #find(model: string) {
    this.#work.clear();
    this.#finding = model;
    void this.#work.start(library.name, optionsFor(model));
  }

  close() {
    this.#work.clear();
  }
}
