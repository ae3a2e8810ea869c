const most = 24; // of 255: what saving a picture again changes

/** Where two pictures differ: black where they agree, lighter the more they differ, at the size of the smaller one. */
export async function difference(first: string, second: string): Promise<{ image: ImageData; share: number }> {
  const [a, b] = await Promise.all([loaded(first), loaded(second)]);
  const smaller = a.naturalWidth * a.naturalHeight <= b.naturalWidth * b.naturalHeight ? a : b;
  const width = smaller.naturalWidth;
  const height = smaller.naturalHeight;
  const [p, q] = [pixels(a, width, height), pixels(b, width, height)];
  const image = new ImageData(width, height);
  let beyond = 0;
  for (let i = 0; i < p.length; i += 4) {
    let largest = 0;
    for (let c = 0; c < 4; c++) {
      const d = Math.abs(p[i + c]! - q[i + c]!);
      largest = Math.max(largest, d);
      if (c < 3) image.data[i + c] = Math.min(255, 4 * d);
    }
    image.data[i + 3] = 255;
    if (largest > most) beyond++;
  }
  return { image, share: beyond / (width * height) };
}

async function loaded(src: string): Promise<HTMLImageElement> {
  const img = new Image();
  img.src = src;
  await img.decode();
  return img;
}

function pixels(img: HTMLImageElement, width: number, height: number): Uint8ClampedArray {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(img, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}
