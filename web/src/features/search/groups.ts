import type { Grade } from '../../api/types';
import { count, gradeOf } from '../../state/words';
import type { Item } from './item';
import type { Group } from './rows';

const grades: Grade[] = ['same', 'near', 'related', 'weak'];
const titles = ['Same picture', 'near', 'related'];
const weak = grades.indexOf('weak');

/**
 * Where grades change, or the months of pictures by date, and what is written there: the honest end of what is alike is a
 * break of its own. Pixels make a hit the same picture, scores make its place: what lies between two of one grade, as in a
 * burst, is one group with them.
 */
export function groupsOf(items: Item[], whole: boolean): Group[] {
  const runs: { first: number; label?: string; has: number[] }[] = [];
  items.forEach(({ hit, group }, first) => {
    const last = runs.at(-1);
    if (group !== undefined) {
      if (last?.label !== group) runs.push({ first, label: group, has: [] });
      return;
    }
    const grade = hit ? grades.indexOf(gradeOf(hit) as Grade) : -1;
    const run = { first, has: [grade] };
    for (let before = last; before && joins(before.has, grade); before = runs.at(-1)) {
      run.first = before.first;
      run.has = [...new Set([...before.has, ...run.has])].sort();
      runs.pop();
    }
    runs.push(run);
  });
  const groups = runs.flatMap(({ first, label, has }): Group[] => {
    if (label !== undefined) return [{ first, label, apart: false }];
    if (has[0] === weak) return [{ first, label: 'Nothing below is closer than chance', apart: true }];
    const title = has.map((g) => titles[g] ?? '').join(' and ');
    return title ? [{ first, label: title.charAt(0).toUpperCase() + title.slice(1), apart: false }] : [];
  });
  return groups.map((g, at) => {
    const end = groups[at + 1]?.first ?? (whole ? items.length : 0); // of the last so far, more may come
    return g.apart || !end ? g : { ...g, label: `${g.label} (${count(end - g.first)})` };
  });
}

/** Whether a grade is one of a run's, or better than one of them; what is no closer than chance stays apart. */
function joins(run: number[], grade: number): boolean {
  if (run.includes(grade)) return true;
  return grade >= 0 && !run.includes(weak) && grade < (run.at(-1) ?? -1);
}
