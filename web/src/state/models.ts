import type { ModelKind } from '../api/types';
import { library } from './library.svelte';

/** The models of the current collection: what each sees, and whether it can run here. */
export function kinds(): ModelKind[] {
  return library.current?.kinds ?? [];
}

function kindOf(model: string): ModelKind | undefined {
  return kinds().find((k) => k.model === model);
}

/** What a model goes by, in a word; '' of one that the collection does not have. */
export function sees(model: string): 'meaning' | 'looks' | '' {
  const kind = kindOf(model);
  if (!kind) return '';
  return kind.language ? 'meaning' : 'looks';
}

export const seesMeans = {
  meaning: 'Trained on pictures with their captions: what is shown, and what it is called, counts.',
  looks: 'Trained on pictures alone: shape, colour and texture count.',
  '': '',
};

/** The hue of a model’s key colour. Steps of the golden angle come close to no hue again for a long time. */
export function hueOf(model: string): number {
  const place = kinds().findIndex((k) => k.model === model);
  return Math.round((185 + Math.max(0, place) * 137.508) % 360);
}
