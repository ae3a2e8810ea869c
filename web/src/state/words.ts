import type { Grade } from '../api/types';

export const gradeMeans: Record<Grade, string> = {
  same: 'the same picture, but for size or compression',
  near: 'at most 1 random pair in 1000 is as close',
  related: 'at most 1 random pair in 50 is as close',
  weak: 'chance explains it',
};

/** A chance as people say it: "1 in 860 random pairs is as close". */
export function chanceText(chance?: number): string {
  if (chance === undefined) return '';
  if (chance === 0) return 'no random pair is as close';
  if (chance >= 0.1) return `${percent(chance)} of random pairs are as close`;
  return `1 in ${count(Math.round(1 / chance))} random pairs is as close`;
}

export function scoreText(score: number): string {
  return score.toFixed(3);
}

export function count(n: number): string {
  return n.toLocaleString('en');
}

export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let u = 0;
  while (n >= 1000 && u < units.length - 1) {
    n /= 1000;
    u++;
  }
  return `${n < 10 && u > 0 ? n.toFixed(1) : Math.round(n)} ${units[u]}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
