import { thumbnail } from '../../api/client';
import { library } from '../../state/library.svelte';
import type { MapLink } from './link.svelte';
import type { Selection } from './selection.svelte';
import type { Colours } from './colours.svelte';
import { fieldOf } from './contours';
import { pack, type Seen } from './packing';
import { boxOf, layLabels, overlap, type Box, type Label } from './labels';
import { hasFile, type Layout } from './layout.svelte';
import { calm, ease, play } from './motion';
import type { Places } from './places';
import { Scene, type Tile } from './scene';
import { styleAt, type Style } from './style';
import { Thumbs } from './thumbs';
import { toMap, toScreen, type Size, type View } from './projection';
import type { Viewport } from './viewport.svelte';

type Parts = { link: MapLink; layout: Layout; selection: Selection; colours: Colours; viewport: Viewport };

/** Draws the map on a canvas: a frame after each change, and slower work when input pauses. */
export class Drawing {
  noWebGL = $state(false);
  labels = $state.raw<Label[]>([]);
  drawn = $state.raw<{ view: View; size: Size } | null>(null); // the last frame: overlays move with it
  /** What lies over the map, which labels keep out of. */
  tools = $state.raw<Box[]>([]);
  /** No picture is in view. */
  blank = $state(false);
  overLabel = $state(false); // the pointer is
  /** How many times the map was drawn, and whether that is all of it: for whoever measures. */
  frames = 0;
  whole = false;
  seen: Seen[] = [];
  #ground: HTMLElement | null = null; // what the map is seen on
  #scene: Scene | null = null;
  #thumbs: Thumbs | null = null;
  #moved = 1; // progress from the last places to the new ones
  #stop = () => {}; // they move no further
  #waiting = 0;
  #resting = 0;
  #wanted = false; // a frame
  #last = 0; // frame of the screen, while something moves
  #rested: View | null = null; // where input paused
  #tilesWanted = false;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    $effect(() => this.#paint());
    $effect(() => this.#light());
    $effect(() => {
      void parts.colours.dark;
      this.frame();
    });
  }

  begin(canvas: HTMLCanvasElement, ground: HTMLElement) {
    this.#ground = ground;
    this.#scene = Scene.on(canvas, (view) => this.#style(view));
    this.noWebGL = !this.#scene;
    canvas.addEventListener('webglcontextlost', (e) => e.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      this.#scene?.restore();
      this.#thumbs?.clear();
      this.refresh();
    });
  }

  close() {
    this.#stop();
    this.#thumbs?.close();
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#waiting);
    this.#scene?.close();
    this.#scene = null;
  }

  /** Shows another layout; pictures move there from their last places. */
  show(from: Places, first: boolean) {
    const { layout } = this.#parts;
    this.#thumbs?.close();
    this.#thumbs = this.#makeThumbs();
    if (layout.grid) this.#scene?.setPlaces(from, layout.places, layout.grid);
    this.#paint();
    this.#light();
    if (first || calm.matches) this.#moved = 1;
    else this.#move();
    this.refresh();
  }

  frame() {
    this.#wanted = true;
    if (!this.#waiting) this.#waiting = requestAnimationFrame((now) => this.#tick(now));
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

  /** How large a picture is drawn: as a thumbnail, or as a point. */
  sizeOf(picture: number): [number, number] {
    void this.labels; // which change with what is seen
    const s = this.seen.find((each) => each.picture === picture);
    const shape = s && this.#thumbs?.get(picture)?.shape;
    return s && shape ? [shape[0] * s.side + 8, shape[1] * s.side + 8] : [18, 18];
  }

  labelAt(px: number, py: number): Label | null {
    const { view, size } = this.#parts.viewport;
    const here = { left: px, right: px, top: py, bottom: py };
    return this.labels.find((l) => overlap(boxOf(l, view, size), here)) ?? null;
  }

  #paint() {
    const { layout, colours } = this.#parts;
    const { values } = colours;
    this.#scene?.setColours(values);
    this.#scene?.setContours(fieldOf(layout.places, values));
    this.refresh();
  }

  #light() {
    const { lit } = this.#parts.selection;
    this.#scene?.setLit(lit);
    this.refresh();
  }

  #style(view: View): Style {
    const { layout, viewport } = this.#parts;
    const zoom = view.scale / Math.max(1, viewport.whole.scale);
    return styleAt(zoom, view.scale, Math.max(1, layout.pictures.length), layout.crowd);
  }

  #move() {
    this.#stop();
    this.#moved = 0;
    this.#stop = play(
      1100,
      (share) => {
        this.#moved = share;
        this.frame();
      },
      () => this.refresh(),
    );
  }

  /** Each frame of the screen, from a change until nothing moves: the time between two tells what may be drawn in one. */
  #tick(now: number) {
    this.#waiting = 0;
    if (this.#last) this.#scene?.pace(now - this.#last);
    if (this.#wanted) this.#draw();
    const goes = this.#wanted || this.#rested !== this.#parts.viewport.view;
    this.#last = goes ? now : 0;
    if (goes) this.#waiting = requestAnimationFrame((next) => this.#tick(next));
  }

  #draw() {
    this.#wanted = false;
    const { viewport, colours } = this.#parts;
    const { view, size } = viewport;
    if (!size.width) return;
    this.drawn = { view, size };
    if (!this.#scene) return;
    if (this.#tilesWanted) this.#tile();
    this.#wanted = this.#scene.draw(view, size, ease(this.#moved), this.#rested === view, colours.dark);
    this.frames++;
    this.whole = !this.#wanted;
  }

  #rest() {
    const { link, layout, viewport } = this.#parts;
    const { view, size } = viewport;
    this.#rested = view;
    if (!size.width) return;
    this.frame();
    if (!layout.grid) return;
    const [halfW, halfH] = [size.width / 2 / view.scale, size.height / 2 / view.scale];
    const near = layout.grid.count(view.x - halfW, view.y - halfH, view.x + halfW, view.y + halfH, 1);
    this.blank = layout.pictures.length > 0 && near === 0;
    this.seen = pack(layout.grid, view, size, layout.rank);
    this.#thumbs?.want(this.seen.map((s) => s.picture).filter((i) => hasFile(layout.pictures[i]!)));
    this.#tilesWanted = true;
    this.tools = this.#toolBoxes();
    const named = link.by !== 'folder' && !link.other;
    this.labels = named ? layLabels(layout, view, size, [...this.tools, ...this.#seenBoxes()], this.labels) : [];
  }

  /** Where thumbnails are, or will be. */
  #seenBoxes(): Box[] {
    const { layout, viewport } = this.#parts;
    return this.seen.map(({ picture, side }) => {
      const [x, y] = toScreen(
        viewport.view,
        viewport.size,
        layout.places[2 * picture]!,
        layout.places[2 * picture + 1]!,
      );
      const [w, h] = this.#thumbs?.get(picture)?.shape ?? [1, 0.7];
      return {
        left: x - (w * side) / 2,
        right: x + (w * side) / 2,
        top: y - (h * side) / 2,
        bottom: y + (h * side) / 2,
      };
    });
  }

  #toolBoxes(): Box[] {
    const within = this.#ground!.getBoundingClientRect();
    return [...this.#ground!.closest('.map')!.querySelectorAll('[data-tools] > *, [data-tool]')].map((e) => {
      const { left, right, top, bottom } = e.getBoundingClientRect();
      return {
        left: left - within.left,
        right: right - within.left,
        top: top - within.top,
        bottom: bottom - within.top,
      };
    });
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
      (slot, sizes) => this.#scene?.putPicture(slot, sizes),
      () => {
        this.#tilesWanted = true;
        this.frame();
      },
    );
  }
}
