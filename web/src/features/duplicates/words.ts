import type { Duplicate, DuplicateCalibration, DuplicateGroup, Duplicates } from '../../api/types';
import { bytes, percent, plural } from '../../state/words';

// The same sentences as the command line's (cmd/akin/internal/render/duplicates_words.go).

/** The recall on held-out duplicates below which a warning comes first. */
const enoughFound = 0.9;

export function warning({ calibration: c }: Duplicates): string {
  if (!c?.held_out || c.found >= enoughFound) return '';
  return `Low recall: only ${percent(c.found)} of the duplicates made of these pictures are found, so others are missed too.`;
}

/** What was found, and what is kept. */
export function found(d: Duplicates): string[] {
  const duplicates = d.calibration ? 'duplicates' : 'exact duplicates';
  const lines = [
    d.groups.length
      ? `${plural(d.groups.length, 'group')} of ${duplicates} in ${plural(d.pictures, 'picture')}; ${plural(d.remove, 'picture')} can be removed, ${bytes(d.bytes)}.`
      : `${plural(d.pictures, 'picture')}: no ${duplicates}.`,
  ];
  if (d.reviewed) lines[0] += ` ${plural(d.reviewed, 'group was', 'groups were')} reviewed.`;
  const series = d.series ?? [];
  if (series.length) {
    const similar = series.reduce((sum, g) => sum + g.copies.length, 0);
    lines.push(
      `${plural(series.length, 'series', 'series')}: ${plural(similar, 'picture')} that are similar but not duplicates. All are kept.`,
    );
  }
  const unsure = d.groups.filter((g) => g.unsure).length;
  if (unsure)
    lines.push(
      `${plural(unsure, 'group is', 'groups are')} kept: a picture in it has a lookalike that differs, and more false matches are expected than is allowed.`,
    );
  const better = d.groups.flatMap((g) => g.copies).filter((c) => c.better && !c.remove && !c.best && !c.link).length;
  if (better)
    lines.push(
      `${plural(better, 'duplicate is', 'duplicates are')} kept: better than the best of the group, which is in a preferred folder.`,
    );
  if (d.remote_only)
    lines.push(`${plural(d.remote_only, 'picture was', 'pictures were')} skipped: not on the server’s machine.`);
  return lines;
}

/** How reliable the result is. */
export function reliability(d: Duplicates): string {
  const c = d.calibration;
  if (!c) return '';
  const words = [recall(c), falseMatches(c)].filter(Boolean);
  if (c.unembedded) words.push(`${d.model} was not used: ${c.unembedded}.`);
  return words.join(' ');
}

function recall(c: DuplicateCalibration): string {
  if (!c.held_out) return 'Recall and false matches: not measured, as too few pictures show enough detail.';
  const held = `Recall: ${percent(c.found)} of ${plural(c.held_out, 'duplicate')} held out.`;
  if (!c.families) return held;
  return `${held} ${plural(c.families, 'picture has', 'pictures have')} a lookalike that differs${within(c)}.`;
}

function within(c: DuplicateCalibration): string {
  if (!c.changed || c.within >= 1) return '';
  return `; of these, only duplicates within distance ${c.within.toFixed(2)} can be removed`;
}

function falseMatches(c: DuplicateCalibration): string {
  if (!c.held_out) return '';
  if (!c.changed)
    return 'Expected false matches: not measured, as no picture shows enough detail to change one place of it.';
  return `Expected false matches: ${short(c.wrong)}, at most ${short(c.wrong_most)} (95 %); ${c.mistaken} of ${plural(c.changed, 'picture')} with one small change taken for a duplicate.`;
}

const short = (n: number) => String(Number(n.toPrecision(2)));

/** Why a copy is the best that was chosen in the page since the duplicates were found. */
export const yourChoice = 'your choice';

/** What a picture of a group is, and what happens to it: "near, remove". */
export function mark(g: DuplicateGroup, c: Duplicate): string {
  if (c.best) return `best: ${g.why}`;
  return `${c.evidence?.turn || c.kind}, ${fate(g, c)}`;
}

function fate(g: DuplicateGroup, c: Duplicate): string {
  if (c.remove) return 'remove';
  if (c.link) return 'link';
  if (c.chosen) return 'keep: tagged';
  if (g.why === yourChoice) return 'keep: not compared with it yet';
  if (c.reviewed) return 'reviewed';
  if (c.reference) return 'reference';
  if (c.better) return 'keep: better';
  return g.unsure ? 'keep: unsure' : 'keep';
}

/** Where a link leads, and how a picture differs from the best of its group, a line each. */
export function details(c: Duplicate): string[] {
  const lines: string[] = [];
  if (c.link) lines.push(c.link === c.source ? 'another name of the same file' : `links to ${c.link}`);
  const e = c.evidence;
  if (!e) return lines;
  if (e.pixels && e.pixels.verdict !== 'same' && e.pixels.why) lines.push(e.pixels.why);
  if (!e.pixels || e.pixels.differs >= 0) lines.push(`distance ${e.distance.toFixed(2)}`);
  if (e.score !== undefined) lines.push(`score ${e.score.toFixed(4)}`);
  return lines;
}
