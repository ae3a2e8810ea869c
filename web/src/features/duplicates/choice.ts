import type { Duplicate, DuplicateGroup, Duplicates } from '../../api/types';
import { yourChoice } from './words';

/** The tag of the copies that someone chose to keep (KeepTag in api/duplicates.go). */
export const keepTag = 'keep';

const isAddress = (source: string) => /^https?:\/\//i.test(source);

/** Whether a copy can be the one that stays: another name of a file, or what lies elsewhere, can not. */
export function canStay(c: Duplicate): boolean {
  return !c.link && !isAddress(c.source);
}

/**
 * A group after someone chose which copy stays. Every copy was compared with the best alone: of the others go the best,
 * if the two are alike for sure, and what has the same bytes as either. The rest waits until it is compared
 * (internal/duplicates/choose.go checks the same).
 */
export function choose(group: DuplicateGroup, source: string): DuplicateGroup {
  const stays = group.copies.find((c) => c.source === source);
  const best = group.copies.find((c) => c.best);
  if (!stays || !best) return group;
  const sure = stays.remove || !group.unsure;
  const goes = (c: Duplicate): boolean => {
    if (c.reference || c.reviewed || c.link || isAddress(c.source)) return false;
    if (c.sha256 === stays.sha256) return true;
    if (stays.sha256 === best.sha256) return c.remove;
    return c.sha256 === best.sha256 && sure;
  };
  const copies = group.copies.map((c): Duplicate => {
    const rest = { ...c, chosen: false, better: false };
    return c === stays
      ? { ...rest, best: true, remove: false, chosen: true }
      : { ...rest, best: false, remove: goes(c), kind: c.kind || stays.kind || 'exact' };
  });
  return { ...group, why: yourChoice, copies: [...copies.filter((c) => c.best), ...copies.filter((c) => !c.best)] };
}

export type Move = { source: string; kept: string };

/** What goes to the trash, and the copy that stays of each. */
export function moves(groups: DuplicateGroup[]): Move[] {
  return groups.flatMap((g) => {
    const kept = g.copies.find((c) => c.best);
    return kept ? g.copies.filter((c) => c.remove).map((c) => ({ source: c.source, kept: kept.source })) : [];
  });
}

/** A result without the files that were moved, and without groups that are none any more. */
export function without(d: Duplicates, gone: ReadonlySet<string>): Duplicates {
  if (!gone.size) return d;
  const groups = d.groups
    .map((g) => ({ ...g, copies: g.copies.filter((c) => !gone.has(c.source) && !(c.link && gone.has(c.link))) }))
    .filter((g) => g.copies.length > 1);
  return totals({ ...d, pictures: d.pictures - gone.size, groups });
}

/** A result whose sums are of its groups as they are now. */
export function totals(d: Duplicates): Duplicates {
  const goes = d.groups.flatMap((g) => g.copies.filter((c) => c.remove));
  return { ...d, remove: goes.length, bytes: goes.reduce((sum, c) => sum + c.bytes, 0) };
}
