import { api } from '../../api/client';

const atOnce = 10_000; // pictures that a request may name

/** The pictures that have a tag, by their files, which are unique where names are not. */
async function tagged(collection: string, tag: string): Promise<string[]> {
  const sources: string[] = [];
  for (let cursor = ''; ;) {
    const page = await api.pictures(collection, { tags: [tag], limit: 500, ...(cursor && { cursor }) });
    sources.push(...page.pictures.map((p) => p.source));
    if (!page.next) return sources;
    cursor = page.next;
  }
}

async function each(sources: string[], change: (some: string[]) => Promise<unknown>) {
  for (let i = 0; i < sources.length; i += atOnce) await change(sources.slice(i, i + atOnce));
}

/** A change of a tag that was made: how many pictures it concerned, and how to take it back. */
export type Changed = { pictures: number; undo: () => Promise<void> };

/** Takes a tag from all pictures. */
export async function deleteTag(collection: string, tag: string): Promise<Changed> {
  const before = await tagged(collection, tag);
  await api.deleteTag(collection, tag);
  return {
    pictures: before.length,
    undo: () => each(before, (some) => api.tag(collection, tag, some)),
  };
}

/** Gives a tag another name. Where there is a tag of that name, both become one. */
export async function renameTag(collection: string, tag: string, name: string, merges: boolean): Promise<Changed> {
  const before = await tagged(collection, tag);
  const had = new Set(merges ? await tagged(collection, name) : []);
  await api.renameTag(collection, tag, name);
  return {
    pictures: before.length,
    undo: async () => {
      if (!merges) return void (await api.renameTag(collection, name, tag));
      await each(before, (some) => api.tag(collection, tag, some));
      await each(
        before.filter((source) => !had.has(source)),
        (some) => api.untag(collection, name, some),
      );
    },
  };
}
