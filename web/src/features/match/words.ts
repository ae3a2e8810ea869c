import type { Part } from '../../api/types';

/** What a picture is to the one that it shows a part of. */
export const parts: Record<Part['kind'], string> = {
  part: 'is a part of it',
  shared: 'shares a part',
  same: 'shows the same',
};
