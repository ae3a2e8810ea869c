import type { components, operations } from './schema';

// Requests, answers and jobs are typed by the server's OpenAPI: `npm run api` makes schema.d.ts of openapi.json.

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
export type FusionMethod = NonNullable<Served<'SearchFusion'>['method']>;
export type Comparison = Omit<Served<'Comparison'>, 'rows'> & { rows: Row[] };
export type Part = Served<'Part'>;
export type PartGroup = Served<'PartGroup'>;
export type PartsSearched = Served<'PartsSearched'>;
export type SpaceInfo = Served<'SpaceInfo'>;
export type Failure = Served<'Failure'>;
export type CollectionInfo = Served<'CollectionInfo'>;
export type RemovedCollection = Served<'RemovedCollection'>;
export type FolderList = Served<'FolderList'>;
export type FolderCount = Served<'FolderCount'>;
export type AddedFile = Served<'AddedFile'>;
export type PictureInfo = Served<'PictureInfo'>;
export type PicturePage = Served<'PictureList'>;
export type TagInfo = Served<'TagInfo'>;
export type Upload = Served<'Upload'>;
export type Selection = Served<'Selection'>;
export type Term = Served<'SearchTerm'>;
export type Facets = Served<'Facets'>;
export type Filter = Served<'Filter'>;
export type SearchRequest = Served<'SearchRequest'>;
export type Side = Served<'Heat'>;
export type Explanation = Served<'Explained'>;
export type Matching = Served<'Matching'>;
export type MatchSide = Served<'MatchSide'>;
export type MatchLines = Served<'MatchLines'>;
export type ModelInfo = Served<'ModelInfo'>;
export type ModelKind = Served<'ModelKind'>;
export type Check = Served<'Check'>;
export type Problem = Partial<Served<'ErrorModel'>>;

// Every list of numbers in these has two: the ranks in both directions, or the ends of an interval.
type Twos<T> = T extends number[] ? [number, number] : T extends object ? { [K in keyof T]: Twos<T[K]> } : T;

export type Job = Omit<Served<'Job'>, 'result'> & { result?: unknown };
type Start = operations['start-job']['requestBody']['content']['application/json'];
/** The kinds of jobs that a collection has. */
export type JobKind = Start['kind'];
export type JobOptions<Kind extends JobKind> = Solid<NonNullable<Extract<Start, { kind: Kind }>['options']>>;
/** The results of jobs, by kind. */
export type JobResults = {
  advise: Twos<Served<'Advice'>>;
  bias: Twos<Served<'Bias'>>;
  context: Twos<Served<'ContextReport'>>;
  disagree: Served<'CollectionDisagreement'>;
  dupes: Served<'Duplicates'>;
  eval: Twos<Served<'Evaluation'> | Served<'GroupEvaluation'>>;
  index: Served<'IndexReport'>;
  map: Served<'Map'>;
  parts: Served<'Parts'>;
  restore: Served<'RestoreReport'>;
  trash: Served<'RemoveReport'>;
  probe: Twos<Served<'ProbeReport'>>;
  verify: Served<'Verified'>;
};

export type Interval = [number, number];
export type Evaluation = Twos<Served<'Evaluation'>>;
export type GroupEvaluation = Twos<Served<'GroupEvaluation'>>;
export type MapResult = JobResults['map'];
export type MapPicture = MapResult['pictures'][number];
export type Duplicates = JobResults['dupes'];
export type DuplicateGroup = Duplicates['groups'][number];
export type Duplicate = DuplicateGroup['copies'][number];
export type RemoveReport = JobResults['trash'];
export type DuplicateCalibration = NonNullable<Duplicates['calibration']>;
