import { groundOf } from '../../parts/ground';
import { slots, slotSide } from './scene';

/** What is behind a transparent picture, which lies among others: squares would be too small to be told from it. */
const plates = { theme: '#fff', light: '#fff', dark: '#191918' };

function opaque(picture: ImageBitmap): ImageBitmap {
  const ground = groundOf(picture);
  if (!ground) return picture;
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = plates[ground];
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0);
  picture.close();
  return canvas.transferToImageBitmap();
}

/** Thumbnails in the slots of an atlas: the least recently used make room for new ones. */
export class Thumbs {
  readonly #slot = new Map<number, number>(); // in the order of use
  readonly #shape = new Map<number, [number, number]>(); // of those in the atlas: shares of the slot
  readonly #free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  readonly #missing = new Set<number>();
  readonly #loading = new Set<number>();
  #wanted: number[] = [];
  #closed = false;

  constructor(
    readonly address: (picture: number) => string,
    readonly put: (slot: number, sizes: ImageBitmap[]) => void,
    readonly changed: () => void,
  ) {}

  get(picture: number): { slot: number; shape: [number, number] } | null {
    const slot = this.#slot.get(picture);
    const shape = this.#shape.get(picture);
    if (slot === undefined || !shape) return null;
    this.#slot.delete(picture);
    this.#slot.set(picture, slot);
    return { slot, shape };
  }

  /** Sets which pictures to load, the most wanted first; others are no longer loaded. */
  want(pictures: number[]) {
    this.#wanted = pictures.filter((p) => !this.#slot.has(p) && !this.#missing.has(p) && !this.#loading.has(p));
    this.#next();
  }

  /** Empties the atlas, after the WebGL context was lost. */
  clear() {
    for (const slot of this.#slot.values()) this.#free.push(slot);
    this.#slot.clear();
    this.#shape.clear();
  }

  close() {
    this.#closed = true;
    this.#wanted = [];
  }

  #next() {
    while (this.#loading.size < 6 && this.#wanted.length && !this.#closed) void this.#load(this.#wanted.shift()!);
  }

  async #load(picture: number) {
    this.#loading.add(picture);
    try {
      const response = await fetch(this.address(picture), { credentials: 'same-origin' });
      if (response.status === 429 || response.status >= 500) return; // retried when it is wanted again
      if (!response.ok) {
        this.#missing.add(picture);
        return;
      }
      const whole = await createImageBitmap(await response.blob());
      const scale = slotSide / Math.max(whole.width, whole.height);
      const [w, h] = [Math.max(1, Math.round(whole.width * scale)), Math.max(1, Math.round(whole.height * scale))];
      const small = opaque(
        await createImageBitmap(whole, { resizeWidth: w, resizeHeight: h, resizeQuality: 'medium' }),
      );
      const less = await Promise.all(
        [2, 4].map((by) => {
          const [resizeWidth, resizeHeight] = [Math.max(1, Math.round(w / by)), Math.max(1, Math.round(h / by))];
          return createImageBitmap(small, { resizeWidth, resizeHeight, resizeQuality: 'medium' });
        }),
      );
      const sizes = [small, ...less];
      whole.close();
      if (this.#closed) return;
      const slot = this.#free.pop() ?? this.#evict();
      this.put(slot, sizes);
      for (const s of sizes) s.close();
      this.#slot.set(picture, slot);
      this.#shape.set(picture, [w / slotSide, h / slotSide]);
      this.changed();
    } catch {
      // No server, or a format that the browser cannot show: the picture stays a point.
    } finally {
      this.#loading.delete(picture);
      this.#next();
    }
  }

  #evict(): number {
    const [picture, slot] = this.#slot.entries().next().value!;
    this.#slot.delete(picture);
    this.#shape.delete(picture);
    return slot;
  }
}
