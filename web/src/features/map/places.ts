/** Places of pictures in the map's own unit: the longer side of all of them together is 2, the middle is 0. */
export type Places = Float32Array; // x, y a picture

export function fitPlaces(points: { x: number; y: number }[]): Places {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const p of points) {
    left = Math.min(left, p.x);
    right = Math.max(right, p.x);
    top = Math.min(top, p.y);
    bottom = Math.max(bottom, p.y);
  }
  const scale = 2 / Math.max(right - left, bottom - top, 1e-6);
  const places = new Float32Array(points.length * 2);
  points.forEach((p, i) => {
    places[2 * i] = (p.x - (left + right) / 2) * scale;
    places[2 * i + 1] = (p.y - (top + bottom) / 2) * scale;
  });
  return places;
}

/**
 * Turns or mirrors `places` so that they lie as near as possible to `before` (orthogonal Procrustes in the plane):
 * a map has no up, and pictures should not move further than they must.
 */
export function turnTowards(places: Places, before: Places): Places {
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < places.length; i += 2) {
    xx += places[i]! * before[i]!;
    xy += places[i]! * before[i + 1]!;
    yx += places[i + 1]! * before[i]!;
    yy += places[i + 1]! * before[i + 1]!;
  }
  const turned = Math.hypot(xx + yy, xy - yx);
  const mirrored = Math.hypot(xx - yy, xy + yx);
  if (turned === 0 && mirrored === 0) return places;
  const mirror = mirrored > turned ? -1 : 1;
  const angle = mirror > 0 ? Math.atan2(xy - yx, xx + yy) : Math.atan2(xy + yx, xx - yy);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const out = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    const x = places[i]!;
    const y = places[i + 1]! * mirror;
    out[i] = c * x - s * y;
    out[i + 1] = s * x + c * y;
  }
  return out;
}
