import { untrack } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import type { MapPicture, MapResult } from '../../api/types';
import { Work } from '../../state/jobs.svelte';
import { library } from '../../state/library.svelte';
import { notices } from '../../state/notices.svelte';
import { server } from '../../state/server.svelte';
import { theme } from '../../state/theme.svelte';
import { optionsFor, type MapLink } from './link.svelte';
import { folderOf, type Layout } from './layout.svelte';
import { colourOf, cssOf } from './palette';

/** The colours of pictures: by their clusters, their folders, or another model's clusters. */
export class Colours {
  #clusters = $state.raw(new Map<string, Map<string, number>>()); // by model: each picture's
  readonly #system = new MediaQuery('(prefers-color-scheme: dark)');
  readonly #work = new Work('map'); // computes the clusters of another model,
  #finding = ''; // of this one
  readonly #link: MapLink;
  readonly #layout: Layout;

  constructor(link: MapLink, layout: Layout) {
    this.#link = link;
    this.#layout = layout;
    // Another model's clusters on this model's map show where the two differ.
    $effect(() => {
      void server.returned;
      const { other } = link;
      if (!other || other === link.model || this.#clusters.has(other) || !layout.pictures.length) return;
      untrack(() => this.#find(other));
    });
    $effect(() => {
      const { result, error } = this.#work;
      if (result) untrack(() => this.remember(this.#finding, result));
      if (error) untrack(() => notices.say(error.message, true));
    });
  }

  readonly dark = $derived.by(() => {
    void this.#system.current;
    return theme.dark;
  });

  /** Each picture's red, green and blue. */
  readonly values = $derived.by(() => {
    const { pictures } = this.#layout;
    const of = this.#group();
    const known: [number, number, number][] = []; // by group
    const values = new Uint8Array(3 * pictures.length);
    pictures.forEach((p, i) => {
      const group = of(p);
      known[group] ??= colourOf(group, this.dark).map((v) => Math.round(255 * v)) as [number, number, number];
      values.set(known[group], 3 * i);
    });
    return values;
  });

  /** The colour of a cluster or folder in lists beside the map. */
  swatch(group: number): string {
    return cssOf(group, this.dark);
  }

  #group(): (p: MapPicture) => number {
    if (this.#link.by === 'folder') {
      const place = new Map(this.#layout.folders.map((f, i) => [f.path, i + 1]));
      return (p) => place.get(folderOf(p)) ?? 0;
    }
    const other = this.#clusters.get(this.#link.other);
    return (p) => (other ? (other.get(p.name) ?? 0) : p.cluster);
  }

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
