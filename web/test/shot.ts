import type { CDPSession } from 'playwright-core';
import { readPNG, type Pixels } from './png.ts';

/** In the window. */
export type Box = { x: number; y: number; width: number; height: number };

/** The window's pixels, or those of a part of it. The browser packs them in a hurry, which takes half the time. */
export async function shot(camera: CDPSession, part?: Box): Promise<Pixels> {
  let clip;
  if (part) {
    const { cssVisualViewport: at } = await camera.send('Page.getLayoutMetrics');
    clip = { ...part, x: part.x + at.pageX, y: part.y + at.pageY, scale: 1 };
  }
  const { data } = await camera.send('Page.captureScreenshot', {
    format: 'png',
    optimizeForSpeed: true,
    ...(clip && { clip }),
  });
  return readPNG(Buffer.from(data, 'base64'));
}
