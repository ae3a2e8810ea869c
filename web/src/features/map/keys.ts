import { writing } from '../../state/shortcuts';
import type { Chart } from './chart.svelte';

/** Keys on the canvas: they move the view, and step through clusters. */
export function canvasKey(chart: Chart, event: KeyboardEvent) {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const { layout, viewport } = chart;
  if (event.key === 'ArrowLeft') viewport.look(viewport.panned(60, 0));
  else if (event.key === 'ArrowRight') viewport.look(viewport.panned(-60, 0));
  else if (event.key === 'ArrowUp') viewport.look(viewport.panned(0, 60));
  else if (event.key === 'ArrowDown') viewport.look(viewport.panned(0, -60));
  else if (event.key === '+' || event.key === '=') viewport.look(viewport.zoomed(1.4));
  else if (event.key === '-') viewport.look(viewport.zoomed(1 / 1.4));
  else if (event.key === '0') viewport.glide(viewport.whole);
  else if (event.key === 'n') chart.step(1);
  else if (event.key === 'p') chart.step(-1);
  else if (event.key === 'Enter') {
    const { view, size } = viewport;
    const i = layout.grid?.nearest(view.x, view.y, Math.max(size.width, size.height) / view.scale) ?? -1;
    if (i >= 0) chart.open(i);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Keys anywhere on the page: they start and drop the lasso, and clear the selection. */
export function pageKey({ selection, lasso }: Chart, event: KeyboardEvent) {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') {
    if (lasso.active) lasso.drop();
    else if (selection.selected.length) selection.selected = [];
    else if (selection.find) selection.find = '';
  } else if (event.key === 'l' && !writing(event)) lasso.ready = !lasso.ready;
}
