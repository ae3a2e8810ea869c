import type { Colour } from './scene';

// Hues by the golden angle, so that no number of clusters repeats one; lightness in three steps, so that clusters of like
// size differ for who sees no hue as well. In OKLCH, where equal steps look equally far.
const steps = { light: [0.56, 0.7, 0.43], dark: [0.74, 0.87, 0.62] };
const golden = 137.50776;

/** The colour of a cluster, counted from 1; 0 is none. */
export function colourOf(cluster: number, onDark: boolean): Colour {
  if (cluster <= 0) return fromOKLCH(onDark ? 0.52 : 0.72, 0.01, 80);
  const lightness = steps[onDark ? 'dark' : 'light'][(cluster - 1) % 3]!;
  return fromOKLCH(lightness, 0.15, 195 + (cluster - 1) * golden);
}

/** A colour for CSS. */
export function cssOf(cluster: number, onDark: boolean): string {
  return `rgb(${colourOf(cluster, onDark)
    .map((v) => Math.round(v * 255))
    .join(' ')})`;
}

/** In sRGB; where a screen lacks the colour, the most colourful one of its hue and lightness (Ottosson 2020). */
function fromOKLCH(lightness: number, chroma: number, hue: number): Colour {
  for (let c = chroma; ; c -= 0.005) {
    const [a, b] = [c * Math.cos((hue * Math.PI) / 180), c * Math.sin((hue * Math.PI) / 180)];
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ];
    if (c > 0.005 && linear.some((v) => v < -1e-4 || v > 1.0001)) continue;
    return linear.map((v) => {
      const x = Math.min(1, Math.max(0, v));
      return x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055;
    }) as Colour;
  }
}
