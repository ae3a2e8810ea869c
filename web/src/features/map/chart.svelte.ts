import type { MapResult } from '../../api/types';
import { siblings } from '../pictures/siblings.svelte';
import { route } from '../../state/route.svelte';
import { MapLink } from './link.svelte';
import { Selection } from './selection.svelte';
import { Colours } from './colours.svelte';
import { Drawing } from './drawing.svelte';
import { Lasso } from './lasso.svelte';
import { Layout } from './layout.svelte';
import { viewOf } from './projection';
import { Viewport } from './viewport.svelte';

/** A map: its parts, and what concerns several of them. */
export class Chart {
  readonly link = new MapLink();
  readonly layout = new Layout();
  readonly selection = new Selection(this.layout);
  readonly colours = new Colours(this.link, this.layout);
  readonly lasso = new Lasso();
  readonly viewport: Viewport = new Viewport(
    () => this.drawing.frame(),
    () => this.drawing.refresh(),
  );
  readonly drawing: Drawing = new Drawing(this);
  panel = $state(innerWidth > 900);
  #cluster = 0; // the last one selected: next and previous start from it

  /** Shows another layout. Pictures keep their selection, and move from their last places, by name. */
  take(result: MapResult) {
    const first = this.layout.pictures.length === 0;
    const selected = this.selection.names;
    this.colours.remember(result.models.length === 1 ? result.models[0]! : 'fused', result);
    const from = this.layout.take(result);
    this.selection.keep(selected);
    if (first) this.viewport.read();
    this.drawing.show(from, first);
  }

  frameAll(members: number[]) {
    if (members.length) this.viewport.glide(viewOf(members, this.layout.places, this.viewport.size));
  }

  choose(members: number[]) {
    this.selection.selected = members;
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
    this.choose(this.layout.inCluster(this.#cluster));
  }

  step(by: 1 | -1) {
    this.goCluster(this.#cluster + by);
  }

  /** Shows details of a picture, among the others that are selected or visible. */
  open(picture: number) {
    const { pictures } = this.layout;
    const { selected } = this.selection;
    siblings.names = (selected.length ? selected : this.drawing.seen.map((s) => s.picture)).map(
      (i) => pictures[i]!.name,
    );
    route.set({ look: pictures[picture]!.name });
  }

  close() {
    this.viewport.close();
    this.drawing.close();
    this.colours.close();
  }
}
