/** How points and contours look at a zoom. */
export type Style = {
  dot: number; // diameter in pixels
  opacity: number; // of one point
  contours: number; // their strength
};

const shownWhole = 0.92; // opacity of a point that none lies on

/**
 * From afar contours tell where pictures are, near by points do. A point is the fainter the more lie on it, so that the
 * densest parts differ as well.
 */
export function styleAt(zoom: number, scale: number, pictures: number, crowd: number): Style {
  const dot = Math.max(2.4, Math.min(10, (360 / Math.sqrt(pictures)) * Math.sqrt(zoom), 6 * Math.sqrt(zoom)));
  const over = (crowd / (scale * scale)) * (Math.PI / 4) * dot * dot; // points on one place
  const opacity = Math.max(0.28, 1 - (1 - shownWhole) ** (1 / Math.max(1, over / 2)));
  return { dot, opacity, contours: 1 - smooth(1.6, 4.5, zoom) };
}

function smooth(from: number, to: number, v: number): number {
  const t = Math.max(0, Math.min(1, (v - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
