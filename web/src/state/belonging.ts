import { api } from '../api/client';
import type { PictureInfo } from '../api/types';
import { groupsOf, type Belonging } from './groups';

/** Of larger collections not all pictures are listed for it. */
const most = 5000;

export async function belonging(collection: string, size: number): Promise<Belonging> {
  const all: PictureInfo[] = [];
  for (let cursor = ''; size <= most;) {
    const page = await api.pictures(collection, { limit: 500, ...(cursor && { cursor }) });
    all.push(...(page.pictures ?? []));
    if (!page.next) break;
    cursor = page.next;
  }
  return groupsOf(all);
}
