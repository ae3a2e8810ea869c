// What stands behind a transparent picture: squares from which what is drawn in it stands out, in either theme.

/** Squares of the theme, or light or dark ones whatever the theme; none behind an opaque picture. */
export type Ground = 'theme' | 'light' | 'dark' | null;

const side = 16; // pixels are looked at so small: strokes keep their colour, as it is weighed by alpha
const most = 0.5; // of what is drawn may be lost on the theme's squares: flags with a white field stay on them

let pen: CanvasRenderingContext2D | null = null;

/** The ground for a picture that is loaded. */
export function groundOf(picture: HTMLImageElement | ImageBitmap): Ground {
  if (!pen) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    pen = canvas.getContext('2d', { willReadFrequently: true })!;
    pen.imageSmoothingQuality = 'medium';
  }
  pen.clearRect(0, 0, side, side);
  pen.drawImage(picture, 0, 0, side, side);
  return groundFor(pen.getImageData(0, 0, side, side).data);
}

/** The ground for pixels of red, green, blue and alpha, which do not multiply each other. */
export function groundFor(pixels: ArrayLike<number>): Ground {
  let [drawn, dark, light, clear] = [0, 0, 0, false];
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!;
    if (alpha < 252) clear = true;
    const colour = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    drawn += alpha;
    if (Math.max(...colour) < 80) dark += alpha;
    if (Math.min(...colour) > 200) light += alpha;
  }
  if (!clear) return null;
  if (dark > most * drawn) return 'light';
  return light > most * drawn ? 'dark' : 'theme';
}

const known = new Map<string, Ground>(); // by address

/** Gives a picture its ground once it is loaded, and again when it shows another. */
export function ground(img: HTMLImageElement) {
  const show = () => {
    const address = img.currentSrc;
    let found = known.get(address);
    if (found === undefined) {
      if (known.size > 20_000) known.clear();
      known.set(address, (found = groundOf(img)));
    }
    if (found) img.dataset.ground = found;
    else delete img.dataset.ground;
  };
  img.addEventListener('load', show);
  if (img.complete && img.naturalWidth) show();
  return { destroy: () => img.removeEventListener('load', show) };
}
