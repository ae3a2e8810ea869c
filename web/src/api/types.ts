import type { components } from './schema';

// What requests carry and answers hold is the server's own word, taken from its OpenAPI (npm run api). The results
// of jobs are any JSON there: those are written out below, by the names of package akin's JSON.

type Solid<T> = T extends null
  ? never
  : T extends (infer U)[]
    ? Solid<U>[]
    : T extends object
      ? { [K in keyof T]: Solid<T[K]> }
      : T;
type Served<Name extends keyof components['schemas']> = Solid<components['schemas'][Name]>;

export type Hit = Omit<Served<'Hit'>, 'folded'> & { folded?: Hit[] };
export type Grade = NonNullable<Hit['grade']>;
export type Crop = Served<'Crop'>;
export type QueryTerm = Served<'Term'>;
export type Result = Omit<Served<'Result'>, 'hits'> & { hits: Hit[] };
export type Row = Omit<Served<'Row'>, 'hits'> & { hits: Hit[] };
export type Fusion = Served<'Fusion'>;
export type Comparison = Omit<Served<'Comparison'>, 'rows'> & { rows: Row[] };
export type SpaceInfo = Served<'SpaceInfo'>;
export type Failure = Served<'Failure'>;
export type CollectionInfo = Served<'CollectionInfo'>;
export type PictureInfo = Served<'PictureInfo'>;
export type PicturePage = Served<'PictureList'>;
export type Upload = Served<'Upload'>;
export type Term = Served<'SearchTerm'>;
export type Filter = Served<'SearchFilter'>;
export type SearchRequest = Served<'SearchRequest'>;
export type Side = Served<'Heat'>;
export type Explanation = Served<'Explained'>;
export type ModelInfo = Served<'ModelInfo'>;
export type Check = Served<'Check'>;
export type Problem = Partial<Served<'ErrorModel'>>;
export type Job = Omit<Served<'Job'>, 'result'> & { result?: unknown };

export type DisputedPicture = { name: string; source: string; agreement: number; nearest: Record<string, string[]> };
export type CollectionDisagreement = {
  models: string[];
  top: number;
  pictures: number;
  overlap: number[][];
  disputed: DisputedPicture[];
};

export type Interval = [number, number];
export type Summary = {
  mrr: number;
  'recall@1': number;
  'recall@5': number;
  'recall@10': number;
  median_rank: number;
  mrr_interval: Interval;
  'recall@1_interval': Interval;
  'recall@5_interval': Interval;
  'recall@10_interval': Interval;
};
export type PairedTest = { a: string; b: string; difference: number; p: number; p_corrected: number };
export type PairRanks = { a: string; b: string; ranks: Record<string, [number, number]> };
export type Evaluation = {
  pairs: PairRanks[];
  summary: Record<string, Summary>;
  models: string[];
  tests: PairedTest[];
  rows: number;
  missing?: string[];
};
export type GroupSummary = {
  map: number;
  r_precision: number;
  'map@r': number;
  'recall@1': number;
  'recall@5': number;
  'recall@10': number;
  queries: number;
  map_interval: Interval;
  r_precision_interval: Interval;
  'recall@1_interval': Interval;
};
export type GroupEvaluation = {
  groups: number;
  summary: Record<string, GroupSummary>;
  models: string[];
  tests: PairedTest[];
  missing?: string[];
};

export type ModelAdvice = {
  model: string;
  value: number;
  interval: Interval;
  p: number;
  milliseconds: number;
  model_bytes: number;
  vector_bytes: number;
};
export type Advice = {
  by: 'pairs' | 'groups' | 'steadiness';
  queries: number;
  models: ModelAdvice[];
  fused?: ModelAdvice;
  missing?: string[];
  absent?: Failure[];
  words: string[];
};

export type BiasPair = {
  a: string;
  b: string;
  ranks: Record<string, [number, number]>;
  language: number;
  visual: number;
  times: number;
  chance: number;
  false: number;
};
export type Bias = {
  language: string[];
  visual: string[];
  pictures: number;
  sample: boolean;
  pairs: BiasPair[];
  missing?: string[];
};
export type ContextPair = { a: string; b: string; ranks: Record<string, Record<string, [number, number]>> };
export type ContextReport = {
  models: string[];
  without: string[];
  pictures: number;
  pairs: ContextPair[];
  missing?: string[];
  absent?: Failure[];
};

export type Reaction = {
  change: string;
  score: number;
  kept: number;
  kept_interval: Interval;
  found: number;
  found_interval: Interval;
};
export type ProbeReport = {
  changes: { name: string; kind: string; about: string }[];
  models: { model: string; reactions: Reaction[]; blind: string[]; moved: string[] }[];
  pictures: number;
  example: { name: string; source: string };
  failed?: Failure[];
  absent?: Failure[];
};

export type MapPicture = { name: string; source: string; x: number; y: number; cluster: number };
export type MapCluster = {
  cluster: number;
  size: number;
  center: { name: string; source: string };
  x: number;
  y: number;
};
export type MapResult = {
  models: string[];
  pictures: MapPicture[];
  clusters: MapCluster[];
  placed: number;
  fresh: boolean;
  kept: boolean;
  missing?: string[];
};

export type IndexReport = {
  collection: string;
  added: number;
  changed: number;
  renamed: number;
  unchanged: number;
  unreadable: number;
  removed: number;
  missing: number;
  embedded: number;
  tagged: number;
  failed: Failure[];
  models: string[];
  seconds: number;
};

export type DuplicateKind = 'same' | 'exact' | 'near' | 'mirrored' | 'rotated' | (string & {});
export type Duplicate = {
  name: string;
  source: string;
  kind?: DuplicateKind; // none of the best
  best: boolean;
  remove: boolean;
  reviewed?: boolean;
  width: number;
  height: number;
  bytes: number;
  format: string;
  sharpness?: number;
  evidence?: { distance: number; score?: number; turn?: string };
};
export type DuplicateGroup = { id: string; kind: DuplicateKind; why: string; copies: Duplicate[] };
export type Duplicates = {
  model: string;
  pictures: number;
  elsewhere?: number;
  groups: DuplicateGroup[];
  remove: number;
  bytes: number;
  reviewed: number;
  calibration?: { found: number; wrong: number; uncertain?: string };
  failed?: Failure[];
};
