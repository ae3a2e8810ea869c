import { readLabels, readPairs } from './pairs';

/** Where judgements come from: nowhere, the pairs of flags that come with akin, or the form. */
export type Source = 'none' | 'flags' | 'pairs' | 'groups';

/** The pictures that belong together, as job options; and what is wrong with the text, or ''. */
export function judgements(source: Source, text: string) {
  if (source === 'pairs') {
    const { pairs, wrong } = readPairs(text);
    return { options: { pairs }, wrong };
  }
  if (source === 'groups') {
    const { labels, wrong } = readLabels(text);
    return { options: { labels }, wrong };
  }
  return { options: source === 'flags' ? { set: 'flags' } : {}, wrong: '' };
}
