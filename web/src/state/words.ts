import type { Grade, Hit } from '../api/types';

export const gradeMeans: Record<Grade, string> = {
  same: 'same picture: the pixels agree, apart from size and compression',
  near: 'false discovery rate at most 1 %',
  related: 'false discovery rate at most 5 %',
  weak: 'luck explains it',
};

/** How many of the searched pictures are expected to be as close by luck. */
export function luckText(n?: number): string {
  if (n === undefined) return '';
  if (n < 0.00095) return 'fewer than 0.001 pictures are this close by luck';
  if (n >= 0.995 && n < 1.05) return '1 picture is this close by luck';
  const digits = n >= 9.95 ? 0 : n >= 0.995 ? 1 : n >= 0.0995 ? 2 : 3;
  return `${n.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} pictures are this close by luck`;
}

/** A chance in words. */
export function chanceText(chance?: number): string {
  if (chance === undefined) return '';
  if (chance === 0) return 'no random pair is as close';
  if (chance >= 0.1) return `${percent(chance)} of random pairs are as close`;
  return `1 random pair in ${count(Math.round(1 / chance))} is as close`;
}

/** A hit's grade; fused hits have none but that of equal pixels. */
export function gradeOf(hit: Hit): Grade | '' {
  return hit.grade ?? (hit.same_pixels ? 'same' : '');
}

/** What a hit's score and grade mean. */
export function gradeText(hit: Hit): string {
  const grade = gradeOf(hit);
  return [grade && gradeMeans[grade], luckText(hit.by_luck), chanceText(hit.chance)].filter(Boolean).join('; ');
}

/** A hit's score; one that no model gave is the share of the query that the picture shows. */
export function hitScore(hit: Hit): string {
  return hit.match && !gradeOf(hit) ? `${percent(hit.score)} of it` : scoreText(hit.score);
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

/** A size as the command prints it. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let u = 0;
  while (n >= 1000 && u < units.length - 1) {
    n /= 1000;
    u++;
  }
  return `${u > 0 ? n.toFixed(1) : n} ${units[u]}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
