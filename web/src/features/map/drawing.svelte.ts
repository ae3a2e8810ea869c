import { thumbnail } from '../../api/client';
import { library } from '../../state/library.svelte';
import type { MapLink } from './link.svelte';
import type { Selection } from './selection.svelte';
import type { Colours } from './colours.svelte';
import { pack, type Seen } from './packing';
import { layLabels, type Label } from './labels';
import type { Layout } from './layout.svelte';
import { calm, ease, play } from './motion';
import type { Places } from './places';
import { Scene, type Tile } from './scene';
import { Thumbs } from './thumbs';
import { toMap, toScreen, type Size, type View } from './projection';
import type { Viewport } from './viewport.svelte';

type Parts = { link: MapLink; layout: Layout; selection: Selection; colours: Colours; viewport: Viewport };

/** Draws the map on a canvas: a frame after each change, and slower work when input pauses. */
export class Drawing {
  noWebGL = $state(false);
  labels = $state.raw<Label[]>([]);
  drawn = $state.raw<{ view: View; size: Size } | null>(null); // the last frame: overlays move with it
  /** No picture is in view. */
  blank = $state(false);
  seen: Seen[] = [];
  #scene: Scene | null = null;
  #thumbs: Thumbs | null = null;
  #moved = 1; // progress from the last places to the new ones
  #waiting = 0;
  #resting = 0;
  #tilesWanted = false;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    $effect(() => this.#paint());
    $effect(() => this.#mark());
    $effect(() => {
      void parts.colours.dark;
      this.frame();
    });
  }

  begin(canvas: HTMLCanvasElement) {
    this.#scene = Scene.on(canvas);
    this.noWebGL = !this.#scene;
    canvas.addEventListener('webglcontextlost', (e) => e.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      this.#scene?.restore();
      this.#thumbs?.clear();
      this.refresh();
    });
  }

  close() {
    this.#thumbs?.close();
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#waiting);
    this.#scene?.close();
    this.#scene = null;
  }

  /** Shows another layout; pictures move there from their last places. */
  show(from: Places, first: boolean) {
    this.#thumbs?.close();
    this.#thumbs = this.#makeThumbs();
    this.#scene?.setPlaces(from, this.#parts.layout.places);
    this.#paint();
    this.#mark();
    if (first || calm.matches) this.#moved = 1;
    else this.#move();
    this.refresh();
  }

  frame() {
    if (!this.#waiting) this.#waiting = requestAnimationFrame(() => this.#draw());
  }

  /** Draws a frame, and does slower work when input pauses. */
  refresh() {
    this.frame();
    clearTimeout(this.#resting);
    this.#resting = window.setTimeout(() => this.#rest(), 60);
  }

  /** The picture at a place on the screen, or -1. */
  pick(px: number, py: number): number {
    const { layout, viewport } = this.#parts;
    const { view, size } = viewport;
    if (!layout.grid) return -1;
    for (const s of this.seen) {
      const i = s.picture;
      const [x, y] = toScreen(view, size, layout.places[2 * i]!, layout.places[2 * i + 1]!);
      const t = this.#thumbs?.get(i);
      if (t && Math.abs(x - px) <= (t.shape[0] * s.side) / 2 + 2 && Math.abs(y - py) <= (t.shape[1] * s.side) / 2 + 2)
        return i;
    }
    return layout.grid.nearest(...toMap(view, size, px, py), 9 / view.scale);
  }

  #paint() {
    const { values } = this.#parts.colours;
    this.#scene?.setColours(values);
    this.refresh();
  }

  #mark() {
    const { states } = this.#parts.selection;
    this.#scene?.setStates(states);
    this.refresh();
  }

  #move() {
    this.#moved = 0;
    play(
      1100,
      (share) => {
        this.#moved = share;
        this.frame();
      },
      () => this.refresh(),
    );
  }

  #draw() {
    this.#waiting = 0;
    const { layout, viewport } = this.#parts;
    const { view, size } = viewport;
    if (!size.width) return;
    this.drawn = { view, size };
    if (!this.#scene) return;
    if (this.#tilesWanted) this.#tile();
    const zoom = view.scale / Math.max(1, viewport.whole.scale);
    const n = Math.max(1, layout.pictures.length);
    const dot = Math.max(2.2, Math.min(9, (360 / Math.sqrt(n)) * Math.sqrt(zoom), 6 * Math.sqrt(zoom)));
    this.#scene.draw(view, size, ease(this.#moved), dot);
  }

  #rest() {
    const { link, layout, viewport } = this.#parts;
    const { view, size } = viewport;
    if (!layout.grid || !size.width) return;
    const [halfW, halfH] = [size.width / 2 / view.scale, size.height / 2 / view.scale];
    const near = layout.grid.count(view.x - halfW, view.y - halfH, view.x + halfW, view.y + halfH, 1);
    this.blank = layout.pictures.length > 0 && near === 0;
    this.seen = pack(layout.grid, view, size, layout.rank);
    this.#thumbs?.want(this.seen.map((s) => s.picture));
    this.#tilesWanted = true;
    this.labels = link.by === 'folder' || link.by.startsWith('model:') ? [] : layLabels(layout, view, size);
    this.frame();
  }

  #tile() {
    this.#tilesWanted = false;
    const tiles: Tile[] = [];
    for (const s of this.seen) {
      const t = this.#thumbs?.get(s.picture);
      if (t) tiles.push({ picture: s.picture, slot: t.slot, width: t.shape[0] * s.side, height: t.shape[1] * s.side });
    }
    this.#scene?.setTiles(tiles);
  }

  #makeThumbs(): Thumbs {
    const { pictures } = this.#parts.layout;
    const side = pictures.length < 500 ? 128 : 64;
    return new Thumbs(
      (i) => thumbnail(library.name, pictures[i]!.name, side),
      (slot, picture) => this.#scene?.putPicture(slot, picture),
      () => {
        this.#tilesWanted = true;
        this.frame();
      },
    );
  }
}
