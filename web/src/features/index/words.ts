import type { JobResults } from '../../api/types';
import { count, plural } from '../../state/words';

/** What an index job did: "Indexed: 5 added, 195 unchanged". */
export function indexed(report: JobResults['index']): string {
  const parts = [
    report.added && `${count(report.added)} added`,
    report.changed && `${count(report.changed)} changed`,
    report.renamed && `${count(report.renamed)} renamed`,
    report.removed && `${count(report.removed)} removed`,
    report.unchanged && `${count(report.unchanged)} unchanged`,
    report.missing && `${count(report.missing)} missing`,
    report.failed?.length && `${count(report.failed.length)} unreadable`,
  ].filter(Boolean);
  return `Indexed: ${parts.join(', ') || 'no pictures'}`;
}

/** Symlinked folders are not followed: what was skipped, or ''. */
export function skipped({ linked }: JobResults['index']): string {
  if (!linked?.length) return '';
  const names = linked.slice(0, 3).join(', ') + (linked.length > 3 ? ' and others' : '');
  return `Skipped ${plural(linked.length, 'symlinked folder')}: ${names}. Add a folder by its own path to index it.`;
}
