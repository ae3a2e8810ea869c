import { readLabels, readPairs } from './pairs';

/** Where judgements come from: none, the pairs of flags that come with akin, or what is typed. */
export type Source = 'none' | 'flags' | 'pairs' | 'groups';

/** What people say belongs together, as jobs take it; and what is wrong with it, or ''. */
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
