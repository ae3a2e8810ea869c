/** What the server answers, by the names of its JSON. `npm run check` holds this file to the served OpenAPI. */

export type Grade = 'same' | 'near' | 'related' | 'weak';

export type Hit = {
  rank: number;
  name: string;
  source: string;
  score: number;
  chance: number; // -1: not known
  grade?: Grade;
  folded?: Hit[];
};

export type Crop = { x: number; y: number; width: number; height: number; relative?: boolean };

export type QueryTerm = { picture?: string; text?: string; weight: number; crop?: Crop };

export type Result = { query: QueryTerm[]; model: string; recall?: number; hits: Hit[]; missing?: string[] };

export type Row = { model: string; hits: Hit[] };
export type Fusion = { method: string; weights?: Record<string, number> };
export type Comparison = { query: QueryTerm[]; rows: Row[]; fusion: Fusion; overlap: number[][]; missing?: string[] };

export type DisputedHit = { name: string; source: string; ranks: Record<string, number>; alone?: string };
export type Disagreement = {
  query: QueryTerm[];
  top: number;
  models: string[];
  hits: DisputedHit[];
  overlap: number[][];
  rank_biased_overlap: number[][];
};
export type DisputedPicture = { name: string; source: string; agreement: number; nearest: Record<string, string[]> };
export type CollectionDisagreement = {
  models: string[];
  top: number;
  pictures: number;
  overlap: number[][];
  disputed: DisputedPicture[];
};

export type SpaceInfo = {
  model: string;
  fingerprint: string;
  dim: number;
  rows: number;
  covered: number;
  bytes: number;
  active: boolean;
};
export type Failure = { source: string; error: string };
export type CollectionInfo = {
  name: string;
  collection: string;
  pictures: number;
  spaces: SpaceInfo[];
  failed: number;
  failures?: Failure[];
  default_model: string;
  folders: { path: string; pictures: number }[];
  models: string[];
  text_models: string[];
};

export type PictureInfo = {
  name: string;
  source: string;
  format?: string;
  width?: number;
  height?: number;
  bytes?: number;
  hash?: string;
  taken?: string;
  tags?: string[];
  covered_by?: string[];
  has_file: boolean;
};
export type PicturePage = { pictures: PictureInfo[]; next?: string; total: number };

export type Upload = { upload: string; width: number; height: number; format: string; bytes: number };

/** A part of a query as it is asked: exactly one of the first four. */
export type Term = {
  picture?: string;
  upload?: string;
  url?: string;
  text?: string;
  weight?: number;
  crop?: Crop;
};
export type Filter = {
  under?: string;
  names?: string[];
  after?: string;
  before?: string;
  tags?: string[];
  not_tags?: string[];
  only?: string[];
};
export type SearchRequest = {
  query: Term[];
  model?: string;
  top?: number;
  min_score?: number;
  max_chance?: number;
  include_self?: boolean;
  fold?: boolean;
  recall?: number;
  fuse?: boolean;
  models?: string[];
  fusion?: Fusion;
  filter?: Filter;
};

export type Side = {
  source: string;
  picture_width: number;
  picture_height: number;
  rows: number;
  columns: number;
  values: number[][];
  sum: number;
  seen: number[];
  picture: string; // data: address
  heat: string; // data: address, of the same size
};
export type Explanation = {
  model: string;
  score: number;
  method: 'places' | 'tokens' | 'occlusion';
  exact: boolean;
  a: Side;
  b: Side;
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
export type MapCluster = { cluster: number; size: number; center: { name: string; source: string }; x: number; y: number };
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

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type Job = {
  id: string;
  kind: string;
  collection?: string;
  state: JobState;
  progress?: { step?: string; done: number; total: number; note?: string };
  created: string;
  started?: string;
  finished?: string;
  error?: Problem;
  result?: unknown;
  options?: unknown;
};

export type ModelInfo = {
  name: string;
  dim: number;
  input: [number, number];
  params: number;
  bytes: number;
  speed?: string;
  licence: string;
  about: string;
  present: boolean;
  text: boolean;
  reason?: string;
};
export type Check = { what: string; ok: boolean; needed: boolean; found: string };

export type Problem = {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: { message?: string; location?: string }[];
};
