import type { Grade } from '../../api/types';
import { count, gradeOf } from '../../state/words';
import type { Item } from './Grid.svelte';
import type { Group } from './rows';

const titles: Record<Exclude<Grade, 'weak'>, string> = { same: 'Same picture', near: 'Near', related: 'Related' };

/** Where grades change, or the months of pictures by date, and what is written there: the honest end of what is alike is a break of its own. */
export function groupsOf(items: Item[], whole: boolean): Group[] {
  const groups: Group[] = [];
  let last = '';
  for (let i = 0; i < items.length; i++) {
    const { hit, group } = items[i]!;
    const grade = hit ? gradeOf(hit) : '';
    const now = group ?? grade;
    if (now === last) continue;
    last = now;
    if (group !== undefined) {
      groups.push({ first: i, label: group, apart: false });
      continue;
    }
    if (grade === 'weak') groups.push({ first: i, label: 'Nothing below is closer than chance', apart: true });
    else if (grade) groups.push({ first: i, label: titles[grade], apart: false });
  }
  return groups.map((g, at) => {
    const end = groups[at + 1]?.first ?? (whole ? items.length : 0); // of the last so far, more may come
    return g.apart || !end ? g : { ...g, label: `${g.label} (${count(end - g.first)})` };
  });
}
