import type { Duplicate, DuplicateCalibration, DuplicateGroup, Duplicates } from '../api/types';
import { bytes, percent, plural } from './words';

// What is said of copies, in the words of `akin dupes` (cmd/akin/dupes.go).

/** The share of made copies below which a warning comes first. */
const enoughFound = 0.9;

export function warning({ calibration: c, series }: Duplicates): string {
  if (!c?.held_out || c.found >= enoughFound) return '';
  const remedy = series?.length
    ? 'Look at the series as well: a copy may be among them.'
    : 'Another model may propose more.';
  return `Only ${percent(c.found)} of the copies that were made of these pictures are found: others are missed too. ${remedy}`;
}

/** What was found, and what of it stays. */
export function found(d: Duplicates): string[] {
  const words = [
    d.groups.length
      ? `${plural(d.groups.length, 'group')} of ${plural(d.pictures, 'picture')}; ${plural(d.remove, 'picture')}, ${bytes(d.bytes)}, can go.`
      : `${plural(d.pictures, 'picture')}: no copies.`,
  ];
  if (d.reviewed) words[0] += ` ${plural(d.reviewed, 'group was', 'groups were')} reviewed.`;
  const series = d.series ?? [];
  if (series.length) {
    const alike = series.reduce((sum, g) => sum + g.copies.length, 0);
    words.push(
      `${plural(series.length, 'series', 'series')} of ${plural(alike, 'picture')} that are alike and no copies: all stay.`,
    );
  }
  const unsure = d.groups.filter((g) => g.unsure).length;
  if (unsure)
    words.push(
      `${plural(unsure, 'group stays', 'groups stay')}: a picture there has one alike that differs, and more wrong ones would be expected than is allowed.`,
    );
  const better = d.groups.flatMap((g) => g.copies).filter((c) => c.better && !c.remove && !c.best && !c.link).length;
  if (better)
    words.push(
      `${plural(better, 'copy is', 'copies are')} better than the best of the group, which lies in a better folder: no such copy goes.`,
    );
  if (d.elsewhere)
    words.push(`${plural(d.elsewhere, 'picture is', 'pictures are')} left out: not on the server’s machine.`);
  return words;
}

/** How sure the answer is. */
export function trust(c: DuplicateCalibration): string {
  if (!c.held_out)
    return 'How many copies are found, and how many wrong ones are to be expected, cannot be told: too few pictures show enough to try it on.';
  const held = `Of ${plural(c.held_out, 'copy', 'copies')} made of pictures held back ${percent(c.found)} are found`;
  const alike = c.families ? ` ${plural(c.families, 'picture has', 'pictures have')} one alike that differs.` : '';
  if (!c.changed)
    return `${held}.${alike} How many wrong ones are to be expected cannot be told: no picture shows enough to change it in one place.`;
  return `${held}; of ${plural(c.changed, 'picture')} made with one small change ${c.mistaken} are taken for copies.${alike} Wrong ones to be expected: ${short(c.wrong)}, at most ${short(c.wrong_most)} (95 %).`;
}

const short = (n: number) => String(Number(n.toPrecision(2)));

/** What a picture of a group is, and what becomes of it: "near, remove". */
export function mark(g: DuplicateGroup, c: Duplicate): string {
  if (c.best) return `best: ${g.why}`;
  return `${c.evidence?.turn || c.kind}, ${fate(g, c)}`;
}

function fate(g: DuplicateGroup, c: Duplicate): string {
  if (c.remove) return 'remove';
  if (c.link) return 'link';
  if (c.reviewed) return 'reviewed';
  if (c.reference) return 'reference';
  if (c.better) return 'keep: better';
  return g.unsure ? 'keep: unsure' : 'keep';
}

/** Where a link leads, and how far a picture is from the best of its group, a line each. */
export function about(c: Duplicate): string[] {
  const lines: string[] = [];
  if (c.link) lines.push(c.link === c.source ? 'another name of the same file' : `leads to ${c.link}`);
  const e = c.evidence;
  if (!e) return lines;
  if (e.pixels && e.pixels.verdict !== 'same' && e.pixels.why) lines.push(e.pixels.why);
  if (!e.pixels || e.pixels.differs >= 0) lines.push(`distance ${e.distance.toFixed(2)}`);
  if (e.score !== undefined) lines.push(`score ${e.score.toFixed(4)}`);
  return lines;
}
