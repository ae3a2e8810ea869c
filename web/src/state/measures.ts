/**
 * What each number of the page is, in a sentence. docs/reference/measures.md begins with the same sentence where it
 * defines the number, and a test compares them.
 */
export const measures = {
  hits: {
    rank: 'The place among all pictures that were searched; 1 is the nearest.',
    score: 'The cosine of the two embeddings: 1 for the same direction, 0 for nothing in common.',
  },
  comparison: {
    overlap: 'The fraction of one row’s hits that another row has too.',
    'mean overlap': 'The overlap of two models, averaged over all pairs of models.',
  },
  pairs: {
    MRR: 'Mean reciprocal rank: the mean of 1 / rank, over both directions of all pairs. 1 means that each picture found its partner first.',
    'recall@k': 'The fraction of ranks up to k: of pictures whose partner is among the nearest k.',
    'median rank': 'Half of the pairs were found at this rank or before it.',
    '95 % interval':
      'Where the measure lies 95 times of 100 if the rows of the list are drawn again. Models whose intervals overlap may be equally good.',
    p: 'How often two equally good models would differ this much by luck.',
    'p (Holm)': 'p, corrected for the number of comparisons. Below 0.05 counts as a difference.',
  },
  groups: {
    mAP: 'Mean average precision: how far before the others the pictures of a group come; 1 means before all others.',
    'R-precision': 'Of a group of R other pictures, the fraction that is among the nearest R.',
    'recall@k': 'The fraction of queries with a right hit among the first k.',
  },
  advice: {
    'self-match':
      'The fraction of slightly altered pictures that find their original: robustness, not agreement with you.',
    'ms per picture': 'What a picture takes on this machine, one at a time, from decoded pixels to embedding.',
    weights: 'The size of the model’s file.',
    embedding: 'What the embedding of one picture takes in the collection.',
  },
  bias: {
    ratio: 'How many times closer the models trained with text place the pair than the others do.',
    chance: 'The fraction of all pairs of the collection with at least this ratio.',
    FDR: 'False discovery rate: of the pairs with at least this ratio, the fraction that needs no language to explain it.',
  },
  probe: {
    retained:
      'How alike altered pictures stay: 100 % is a picture with itself, 0 % two random pictures of the collection.',
    found:
      'The fraction of altered pictures that are closer to their own original than to any other picture of the collection.',
  },
} as const;
