import type { PictureInfo } from '../api/types';

export type Label = { name: string; group: string };

/** What a collection itself says of which pictures belong together: those of a folder or tag, flags that akin knows. */
export type Belonging = { flags: boolean; folders: Label[]; tags: Label[] };

export function groupsOf(pictures: Pick<PictureInfo, 'name' | 'source' | 'tags'>[]): Belonging {
  const names = new Set(pictures.map((p) => p.name));
  return {
    flags: ['Chad', 'Romania'].every((name) => names.has(name)), // the first pair of akin's list
    folders: several(pictures.map((p) => ({ name: p.name, group: p.source.replace(/[/\\][^/\\]*$/, '') }))),
    // A picture with two tags belongs to two groups, which an evaluation does not know.
    tags: several(pictures.flatMap((p) => (p.tags?.length === 1 ? [{ name: p.name, group: p.tags[0]! }] : []))),
  };
}

/** The labels of groups that have at least two pictures, where there are at least two such groups; else none. */
function several(labels: Label[]): Label[] {
  const sizes = new Map<string, number>();
  for (const l of labels) sizes.set(l.group, (sizes.get(l.group) ?? 0) + 1);
  const kept = labels.filter((l) => l.group && sizes.get(l.group)! > 1);
  return new Set(kept.map((l) => l.group)).size > 1 ? kept : [];
}
