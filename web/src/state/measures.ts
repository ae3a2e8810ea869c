/**
 * What numbers mean, in a sentence each, for those who point at them. docs/reference/measures.md defines them in the
 * same words, which a test holds to: change both.
 */
export const measureMeans = {
  mrr: 'the mean of 1/rank, over both directions of all pairs',
  map: 'the mean over queries of the average precision',
  r_precision: 'the precision among the first R hits, where R is the number of others in the group',
  group_recall: 'the fraction of queries with a right hit among the first k',
  interval: 'where the measure lies if the rows of the list are resampled, 2000 times, with replacement',
  p: 'the probability that two equal models differ this much',
  ratio: 'the geometric mean of the ranks over the models not trained on language, divided by that over the others',
  ratio_chance: 'the fraction of all pairs of the collection with at least this ratio',
  fdr: 'the false discovery rate: the fraction that needs no language to explain it',
} as const;

/** The sentence about a measure. */
export function sentence(measure: keyof typeof measureMeans): string {
  const words = measureMeans[measure];
  return `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}
