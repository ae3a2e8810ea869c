import { route } from '../../state/route.svelte';
import { calm, ease, play } from './motion';
import { pan, wholeMap, zoomAt, type Size, type View } from './projection';

/** The visible part of the map, kept in the link. */
export class Viewport {
  view = $state.raw<View>({ x: 0, y: 0, scale: 100 });
  size = $state.raw<Size>({ width: 0, height: 0 });
  #writing = 0;
  #stop = () => {}; // the view glides no further
  readonly #moving: () => void;
  readonly #moved: () => void;

  constructor(moving: () => void, moved: () => void) {
    this.#moving = moving;
    this.#moved = moved;
  }

  get whole(): View {
    return wholeMap(this.size);
  }

  panned(dx: number, dy: number): View {
    return pan(this.view, dx, dy);
  }

  /** The view zoomed by a factor around (px, py); the centre by default. */
  zoomed(by: number, px = this.size.width / 2, py = this.size.height / 2): View {
    return zoomAt(this.view, this.size, px, py, by);
  }

  look(next: View) {
    this.#stop();
    this.view = next;
    this.#moved();
    clearTimeout(this.#writing);
    this.#writing = window.setTimeout(() => this.#write(), 350);
  }

  glide(to: View) {
    if (calm.matches) return this.look(to);
    this.#stop();
    const from = this.view;
    this.#stop = play(
      450,
      (share) => {
        const t = ease(share);
        this.view = {
          x: from.x + (to.x - from.x) * t,
          y: from.y + (to.y - from.y) * t,
          scale: from.scale * (to.scale / from.scale) ** t,
        };
        this.#moving();
      },
      () => this.look(to),
    );
  }

  resize(size: Size) {
    const first = !this.size.width;
    this.size = size;
    if (first) this.read();
    this.#moved();
  }

  read() {
    const [x, y, zoom] = (route.params.get('at') ?? '').split(',').map(Number);
    const whole = this.whole;
    this.view = Number.isFinite(zoom) && zoom! > 0 ? { x: x!, y: y!, scale: whole.scale * zoom! } : whole;
  }

  #write() {
    const { x, y, scale } = this.view;
    const zoom = scale / this.whole.scale;
    const whole = Math.abs(zoom - 1) < 0.01 && Math.abs(x) < 0.01 && Math.abs(y) < 0.01;
    route.set({ at: whole ? null : [x, y, zoom].map((v) => Number(v.toFixed(3))).join(',') }, true);
  }

  close() {
    this.#stop();
    clearTimeout(this.#writing);
  }
}
