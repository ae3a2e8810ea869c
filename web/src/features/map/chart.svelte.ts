import type { MapResult } from '../../api/types';
import { siblings } from '../pictures/siblings.svelte';
import { route } from '../../state/route.svelte';
import { Asked } from './asked.svelte';
import { Choice } from './choice.svelte';
import { Colours } from './colours.svelte';
import { Drawing } from './drawing.svelte';
import { Lasso } from './lasso.svelte';
import { Layout } from './layout.svelte';
import { viewOf } from './projection';
import { Viewport } from './viewport.svelte';

/** A map and the hands on it: its parts, and what concerns several of them. */
export class Chart {
  readonly asked = new Asked();
  readonly layout = new Layout();
  readonly choice = new Choice(this.layout);
  readonly colours = new Colours(this.asked, this.layout);
  readonly lasso = new Lasso();
  readonly viewport: Viewport = new Viewport(
    () => this.drawing.frame(),
    () => this.drawing.refresh(),
  );
  readonly drawing: Drawing = new Drawing(this);
  panel = $state(innerWidth > 900);
  #cluster = 0; // that the next and the previous are counted from

  /** Lays out anew. Pictures keep what they are by their names: places to move from, and whether they are chosen. */
  take(result: MapResult) {
    const first = this.layout.pictures.length === 0;
    const chosen = this.choice.names;
    this.colours.remember(result.models.length === 1 ? result.models[0]! : 'fused', result);
    const from = this.layout.take(result);
    this.choice.keep(chosen);
    if (first) this.viewport.read();
    this.drawing.show(from, first);
  }

  frameAll(members: number[]) {
    if (members.length) this.viewport.glide(viewOf(members, this.layout.places, this.viewport.size));
  }

  choose(members: number[]) {
    this.choice.chosen = members;
    this.frameAll(members);
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

  /** Looks closer at a picture, beside the others that are chosen or seen. */
  open(picture: number) {
    const { pictures } = this.layout;
    const { chosen } = this.choice;
    siblings.names = (chosen.length ? chosen : this.drawing.seen.map((s) => s.picture)).map((i) => pictures[i]!.name);
    route.set({ look: pictures[picture]!.name });
  }

  close() {
    this.viewport.close();
    this.drawing.close();
    this.colours.close();
  }
}
