import { untrack } from 'svelte';
import type { MapResult } from '../../api/types';
import { siblings } from '../pictures/siblings.svelte';
import { ChosenLink } from '../../state/chosen.svelte';
import { route } from '../../state/route.svelte';
import { MapLink } from './link.svelte';
import { Selection } from './selection.svelte';
import { Colours } from './colours.svelte';
import { Drawing } from './drawing.svelte';
import { Hits } from './hits.svelte';
import { Lasso } from './lasso.svelte';
import { Layout } from './layout.svelte';
import { viewOf, type View } from './projection';
import { Viewport } from './viewport.svelte';

const few = 5; // pictures: they are shown among those around them

/** A map: its parts, and what concerns several of them. */
export class Chart {
  readonly link = new MapLink();
  readonly layout = new Layout();
  readonly hits = new Hits(this.layout);
  readonly selection = new Selection(this.layout, this.hits);
  readonly colours = new Colours(this.link, this.layout);
  readonly lasso = new Lasso();
  readonly viewport: Viewport = new Viewport(
    () => this.drawing.frame(),
    () => this.drawing.refresh(),
  );
  readonly drawing: Drawing = new Drawing(this);
  panel = $state(innerWidth > 900);
  /** Selected pictures that are not on this map. */
  absent = $state.raw<string[]>([]);
  readonly #chosen = new ChosenLink(
    () => (!this.layout.map ? null : this.#ofCluster ? [] : this.selection.names),
    (names) => this.#select(names),
  );
  #cluster = 0; // the last one selected: next and previous start from it
  #members = $state.raw<number[]>([]); // its pictures
  readonly #ofCluster = $derived(this.#members.length > 0 && this.selection.selected === this.#members);
  readonly #sized = $derived(this.viewport.size.width > 0);

  constructor() {
    $effect(() => {
      if (this.#sized) untrack(() => this.#chosen.again());
    });
    // A cluster is in the link by its number, not by its many pictures.
    $effect(() => {
      const has = route.params.has('cluster');
      if (has && this.layout.map && !this.#ofCluster) untrack(() => route.set({ cluster: null }, true));
    });
  }

  /** Shows another layout. Pictures keep their selection, and move from their last places, by name. */
  take(result: MapResult) {
    const first = this.layout.pictures.length === 0;
    this.colours.remember(result.models.length === 1 ? result.models[0]! : 'fused', result);
    const from = this.layout.take(result);
    if (first) this.viewport.read();
    this.drawing.show(from, first);
    this.#chosen.again();
  }

  /** Selects what the link says; where the link does not say what to look at, that. Returns what is on the map. */
  #select(names: string[]): string[] {
    const { layout, selection } = this;
    if (!layout.map) return [];
    const cluster = Number(route.params.get('cluster'));
    if (!names.length && cluster > 0) {
      this.#cluster = cluster;
      this.#members = layout.inCluster(cluster);
      selection.selected = this.#members;
    } else selection.keep(names);
    const { selected } = selection;
    this.absent = names.filter((n) => !layout.at.has(n));
    if (selected.length && !route.params.has('at') && this.#sized) this.viewport.look(this.around(selected));
    return this.#ofCluster ? [] : selection.names;
  }

  /** The view in which pictures fill the screen; of a few, with those that are around them. */
  around(members: number[]): View {
    const { grid, places } = this.layout;
    const near = members.length > few || !grid ? [] : members.flatMap((i) => grid.nearestOf(i, 40));
    return viewOf([...members, ...near], places, this.viewport.size);
  }

  frameAll(members: number[]) {
    if (members.length) this.viewport.glide(this.around(members));
  }

  choose(members: number[]) {
    this.selection.selected = members;
    this.absent = [];
    this.frameAll(members);
  }

  /** Selects what was found. */
  chooseFound() {
    const { matches } = this.selection;
    if (!matches?.length) return;
    this.selection.find = '';
    this.choose(matches);
  }

  goCluster(cluster: number) {
    const n = this.layout.map?.clusters.length;
    if (!n) return;
    this.#cluster = ((cluster - 1 + n) % n) + 1;
    this.#members = this.layout.inCluster(this.#cluster);
    this.choose(this.#members);
    route.set({ cluster: String(this.#cluster) }, true);
  }

  step(by: 1 | -1) {
    this.goCluster(this.#cluster + by);
  }

  /** Shows details of a picture, among those at the same place, or that are selected, hits or visible. */
  open(picture: number) {
    const { pictures, grid } = this.layout;
    const { lit } = this.selection;
    const stack = grid?.stack(picture) ?? [];
    const list = stack.length > 1 ? stack : lit?.includes(picture) ? lit : this.drawing.seen.map((s) => s.picture);
    siblings.names = list.map((i) => pictures[i]!.name);
    route.set({ look: pictures[picture]!.name });
  }

  close() {
    this.viewport.close();
    this.drawing.close();
    this.colours.close();
  }
}
