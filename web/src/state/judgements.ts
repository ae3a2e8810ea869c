import type { Belonging } from './groups';
import { readLabels, readPairs } from './pairs';

/** Where judgements come from: nowhere, the collection itself, the pairs of flags that come with akin, or the form. */
export type Source = 'none' | 'flags' | 'folders' | 'tags' | 'pairs' | 'groups';

/** The pictures that belong together, as job options; and what is wrong with the text, or ''. */
export function judgements(source: Source, text: string, known: Belonging | null) {
  if (source === 'pairs') {
    const { pairs, wrong } = readPairs(text);
    return { options: { pairs }, wrong };
  }
  if (source === 'groups') {
    const { labels, wrong } = readLabels(text);
    return { options: { labels }, wrong };
  }
  if (source === 'folders' || source === 'tags') return { options: { labels: known?.[source] ?? [] }, wrong: '' };
  return { options: source === 'flags' ? { set: 'flags' } : {}, wrong: '' };
}

/** The sources that a collection has: what it says itself, the best known first, then the form. */
export function sourcesOf(known: Belonging | null): Source[] {
  const own: Source[] = [];
  if (known?.flags) own.push('flags');
  if (known?.tags.length) own.push('tags');
  if (known?.folders.length) own.push('folders');
  return [...own, 'pairs', 'groups'];
}
