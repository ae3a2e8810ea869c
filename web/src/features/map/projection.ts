import type { Places } from './places';

/** The visible part of the map: its centre, and pixels per unit. */
export type View = { x: number; y: number; scale: number };

export type Size = { width: number; height: number };

export function wholeMap(size: Size): View {
  const margin = Math.min(64, size.width / 8, size.height / 8);
  return { x: 0, y: 0, scale: Math.max(10, Math.min(size.width - 2 * margin, size.height - 2 * margin) / 2) };
}

/** The view in which the given pictures, at least one, fill most of the screen. */
export function viewOf(members: number[], places: Places, size: Size): View {
  let [l, t, r, b] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of members) {
    l = Math.min(l, places[2 * i]!);
    r = Math.max(r, places[2 * i]!);
    t = Math.min(t, places[2 * i + 1]!);
    b = Math.max(b, places[2 * i + 1]!);
  }
  const scale = 0.7 * Math.min(size.width / Math.max(r - l, 0.02), size.height / Math.max(b - t, 0.02));
  return { x: (l + r) / 2, y: (t + b) / 2, scale };
}

export function toScreen(view: View, size: Size, x: number, y: number): [number, number] {
  return [(x - view.x) * view.scale + size.width / 2, (y - view.y) * view.scale + size.height / 2];
}

export function toMap(view: View, size: Size, px: number, py: number): [number, number] {
  return [(px - size.width / 2) / view.scale + view.x, (py - size.height / 2) / view.scale + view.y];
}

/** Zooms by a factor around (px, py). */
export function zoomAt(view: View, size: Size, px: number, py: number, by: number): View {
  const least = wholeMap(size).scale / 2;
  const scale = Math.max(least, Math.min(least * 4000, view.scale * by));
  const [x, y] = toMap(view, size, px, py);
  return keep({ x: x - (px - size.width / 2) / scale, y: y - (py - size.height / 2) / scale, scale });
}

export function pan(view: View, dx: number, dy: number): View {
  return keep({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale });
}

function keep(view: View): View {
  return { ...view, x: Math.max(-1.3, Math.min(1.3, view.x)), y: Math.max(-1.3, Math.min(1.3, view.y)) };
}
