import type { Hit } from '../../api/types';

/** A picture in the grid. */
export type Item = {
  name: string;
  source: string;
  width: number;
  height: number;
  hit?: Hit;
  group?: string; // what stands above the first of those that have it
};
