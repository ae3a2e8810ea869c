import type { components } from './schema';

// What requests carry, answers hold and jobs give is the server's own word, taken from its OpenAPI (npm run api).

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

// Every list of numbers in these is of two: a rank in each direction, or an interval's ends.
type Twos<T> = T extends number[] ? [number, number] : T extends object ? { [K in keyof T]: Twos<T[K]> } : T;

export type CollectionDisagreement = Served<'CollectionDisagreement'>;
export type Interval = [number, number];
export type Evaluation = Twos<Served<'Evaluation'>>;
export type GroupEvaluation = Twos<Served<'GroupEvaluation'>>;
export type Summary = Evaluation['summary'][string];
export type PairedTest = Evaluation['tests'][number];
export type PairRanks = Evaluation['pairs'][number];
export type GroupSummary = GroupEvaluation['summary'][string];
export type Advice = Twos<Served<'Advice'>>;
export type ModelAdvice = Advice['models'][number];
export type Bias = Twos<Served<'Bias'>>;
export type ContextReport = Twos<Served<'ContextReport'>>;
export type ProbeReport = Twos<Served<'ProbeReport'>>;
export type MapResult = Served<'Map'>;
export type MapPicture = MapResult['pictures'][number];
export type MapCluster = MapResult['clusters'][number];
export type IndexReport = Served<'IndexReport'>;
export type Duplicates = Served<'Duplicates'>;
export type DuplicateGroup = Duplicates['groups'][number];
export type Duplicate = DuplicateGroup['copies'][number];
export type DuplicateCalibration = NonNullable<Duplicates['calibration']>;
