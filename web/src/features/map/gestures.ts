import { notices } from '../../state/notices.svelte';
import type { Chart } from './chart.svelte';
import { pan, toMap } from './projection';

/** Pointer gestures on the map: drag, pinch, lasso, click. */
export class Gestures {
  readonly #pointers = new Map<number, [number, number]>();
  #travelled = -1; // pixels since the button went down; -1 while it is up

  constructor(
    readonly chart: Chart,
    readonly ground: HTMLElement,
  ) {}

  down(event: PointerEvent) {
    if (event.button !== 0) return;
    const { lasso } = this.chart;
    this.ground.setPointerCapture(event.pointerId);
    this.ground.focus({ preventScroll: true });
    const p = this.#at(event);
    this.#pointers.set(event.pointerId, p);
    this.#travelled = 0;
    if ((lasso.ready || event.shiftKey) && this.#pointers.size === 1) lasso.line = [p];
  }

  move(event: PointerEvent) {
    const { selection, drawing, lasso, viewport } = this.chart;
    const p = this.#at(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      selection.hovered = drawing.pick(...p);
      drawing.overLabel = selection.hovered < 0 && drawing.labelAt(...p) !== null;
      return;
    }
    if (this.#travelled >= 0) this.#travelled += distance(p, before);
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, p, before);
    else if (lasso.line.length) lasso.line = [...lasso.line, p];
    else viewport.look(viewport.panned(p[0] - before[0], p[1] - before[1]));
    this.#pointers.set(event.pointerId, p);
    selection.hovered = -1;
  }

  up(event: PointerEvent) {
    const { selection, drawing, lasso } = this.chart;
    this.#pointers.delete(event.pointerId);
    if (lasso.line.length) {
      const { line } = lasso;
      lasso.drop();
      if (this.#travelled > 8) this.#catch(line);
    } else if (this.#travelled >= 0 && this.#travelled < 6 && event.type === 'pointerup') {
      const i = drawing.pick(...this.#at(event));
      const label = i < 0 ? drawing.labelAt(...this.#at(event)) : null;
      if (i >= 0) this.chart.open(i);
      else if (label) this.chart.goCluster(label.cluster);
      else if (selection.selected.length) selection.selected = [];
    }
    this.#travelled = -1;
  }

  double(event: MouseEvent) {
    const { viewport } = this.chart;
    viewport.glide(viewport.zoomed(2.5, ...this.#at(event)));
  }

  wheel(event: WheelEvent) {
    event.preventDefault();
    const { viewport } = this.chart;
    const lines = event.deltaMode === 1 ? 16 : 1;
    viewport.look(viewport.zoomed(Math.exp((-event.deltaY * lines) / 320), ...this.#at(event)));
  }

  #pinch(id: number, p: [number, number], before: [number, number]) {
    const { viewport } = this.chart;
    const other = [...this.#pointers.entries()].find(([pointer]) => pointer !== id)![1];
    const by = distance(p, other) / Math.max(1, distance(before, other));
    const zoomed = viewport.zoomed(by, (p[0] + other[0]) / 2, (p[1] + other[1]) / 2);
    viewport.look(pan(zoomed, (p[0] - before[0]) / 2, (p[1] - before[1]) / 2));
  }

  #catch(line: [number, number][]) {
    const { selection, layout, viewport } = this.chart;
    const corners = line.map(([x, y]) => toMap(viewport.view, viewport.size, x, y));
    selection.selected = layout.grid?.inside(corners) ?? [];
    if (selection.selected.length) this.chart.panel = true;
    else notices.say('No pictures inside the lasso.');
  }

  #at(event: MouseEvent): [number, number] {
    const r = this.ground.getBoundingClientRect();
    return [event.clientX - r.left, event.clientY - r.top];
  }
}

const distance = (a: [number, number], b: [number, number]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
