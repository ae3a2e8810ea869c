import { advice } from './features/advice/view';
import { bias } from './features/bias/view';
import { collections } from './features/collections/view';
import { compare } from './features/compare/view';
import { context } from './features/context/view';
import { disagree } from './features/disagree/view';
import { duplicates } from './features/duplicates/view';
import { evaluate } from './features/evaluate/view';
import { explain } from './features/explain/view';
import { index } from './features/index/view';
import { match } from './features/match/view';
import { map } from './features/map/view';
import { models } from './features/models/view';
import { probe } from './features/probe/view';
import { search } from './features/search/view';
import { tags } from './features/tags/view';

/** All views, in the order of the menu. To add one, write its folder, and add it here. */
export const views = [
  search,
  compare,
  explain,
  match,
  map,
  duplicates,
  tags,
  evaluate,
  advice,
  disagree,
  bias,
  context,
  probe,
  index,
  collections,
  models,
];

export type ViewName = (typeof views)[number]['name'];

export function viewNamed(name: ViewName) {
  return views.find((v) => v.name === name)!;
}

/** The view that shows a job, or its result. */
export function viewOfJob(kind: string) {
  return views.find((v) => v.job === kind) ?? (kind === 'pull' ? models : collections);
}

/** A kind of job for people: the title of the view that shows its result. */
export function jobTitle(kind: string): string {
  return views.find((v) => v.job === kind)?.title ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}
