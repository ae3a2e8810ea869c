import type { FusionMethod } from '../api/types';

// How the rankings of several models become one, as the page says it. The type holds this list to the server's methods: one
// without a label does not compile.
const methods: Record<FusionMethod, { label: string; title: string }> = {
  rrf: { label: 'Fuse ranks', title: 'Reciprocal rank fusion: the sum of weight / (60 + rank)' },
  scores: { label: 'Fuse scores', title: 'Standard scores: cosines in standard deviations above random pairs' },
  csls: { label: 'CSLS', title: 'Scores corrected for hubs, which are close to everything' },
};

/** The method where none is chosen. */
export const usualMethod: FusionMethod = 'rrf';

/** Every method, as a control lists them. */
export const fusionMethods = (Object.keys(methods) as FusionMethod[]).map((value) => ({ value, ...methods[value] }));

/** The method that a link names; another word is the usual one. */
export const methodNamed = (name: string | null): FusionMethod =>
  fusionMethods.find((m) => m.value === name)?.value ?? usualMethod;
