import { server } from '../state/server.svelte';
import { tabs } from '../state/tabs.svelte';
import type {
  AddedFile,
  Check,
  CollectionInfo,
  Comparison,
  Explanation,
  Matching,
  Facets,
  Filter,
  FolderCount,
  FolderList,
  Job,
  JobKind,
  JobOptions,
  MapResult,
  ModelInfo,
  PictureInfo,
  PicturePage,
  Problem,
  RemovedCollection,
  Result,
  SearchRequest,
  Selection,
  TagInfo,
  Term,
  Upload,
} from './types';

/** A request that failed; the message is the server's, where it sent one. */
export class Failed extends Error {
  constructor(
    message: string,
    readonly status: number, // 0: the server did not answer
    readonly problem: Problem = {},
  ) {
    super(message);
    this.name = 'Failed';
  }
}

const base = new URL('api/v1/', document.baseURI);

export function address(path: string, query: Record<string, string | number | undefined> = {}): string {
  const url = new URL(path, base);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(key, String(value));
  }
  return url.href;
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path), { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    server.lost();
    throw new Failed('The server does not answer.', 0);
  }
  server.answered();
  if (response.status === 401) server.locked = true;
  if (!response.ok) throw await failure(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function failure(response: Response): Promise<Failed> {
  let problem: Problem = {};
  try {
    problem = (await response.json()) as Problem;
  } catch {
    // A proxy's page, or no body: the status says what is known.
  }
  const text = problem.detail || problem.title || response.statusText;
  if (response.status === 429) {
    return new Failed(text || 'The server is busy. Try again in a moment.', 429, problem);
  }
  return new Failed(text || `The server answered ${response.status}.`, response.status, problem);
}

function sent(method: string, body: unknown, signal?: AbortSignal): RequestInit {
  return {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    ...(signal ? { signal } : {}),
  };
}

function where(collection: string, rest = ''): string {
  return `collections/${encodeURIComponent(collection)}${rest}`;
}

function listed(query: Record<string, string | number | string[] | undefined>): string {
  const p = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const v of Array.isArray(value) ? value : [value]) if (v !== undefined && v !== '') p.append(key, String(v));
  return p.size ? `?${p}` : '';
}

/** A filter as the parameters of an address. */
function filtered(filter: Omit<Filter, 'only'>) {
  const { tags, not_tags, cameras, lenses, labels, keywords, captions, near, box, ...rest } = filter;
  return {
    ...rest,
    tag: tags,
    not_tag: not_tags,
    camera: cameras,
    lens: lenses,
    label: labels,
    keyword: keywords,
    caption: captions,
    near: near?.join(','),
    box: box?.join(','),
  };
}

/** Called when this page has started a job. */
export const begun = new Set<() => void>();

async function starting(answer: Promise<Job>): Promise<Job> {
  const job = await answer;
  begun.forEach((tell) => tell());
  return job;
}

export const api = {
  collections: (signal?: AbortSignal) =>
    ask<{ collections: CollectionInfo[] }>('collections', signal ? { signal } : {}).then((r) => r.collections ?? []),
  createCollection: (name: string) => tabs.told(ask<CollectionInfo>('collections', sent('POST', { name }))),
  renameCollection: (c: string, name: string) => tabs.told(ask<CollectionInfo>(where(c), sent('PATCH', { name }))),
  removeCollection: (c: string) => tabs.told(ask<RemovedCollection>(where(c), { method: 'DELETE' })),
  restoreCollection: (removed: string, name: string) =>
    tabs.told(ask<CollectionInfo>(`removed/${encodeURIComponent(removed)}`, sent('POST', { name }))),
  dropSpace: (c: string, model: string, fingerprint: string) =>
    tabs.told(ask<unknown>(where(c, `/spaces${listed({ model, fingerprint })}`), { method: 'DELETE' })),
  collection: (c: string, signal?: AbortSignal) => ask<CollectionInfo>(where(c), signal ? { signal } : {}),
  pictures: (
    c: string,
    query: { q?: string; sort?: string; limit?: number; cursor?: string } & Omit<Filter, 'only'>,
    signal?: AbortSignal,
  ) => {
    const { q, sort, limit, cursor, ...filter } = query;
    return ask<PicturePage>(
      where(c, `/pictures${listed({ q, sort, limit, cursor, ...filtered(filter) })}`),
      signal ? { signal } : {},
    );
  },
  facets: (c: string, filter: Omit<Filter, 'only'>, signal?: AbortSignal) =>
    ask<Facets>(where(c, `/facets${listed(filtered(filter))}`), signal ? { signal } : {}),
  picture: (c: string, name: string, signal?: AbortSignal) =>
    ask<PictureInfo>(where(c, `/picture${listed({ name })}`), signal ? { signal } : {}),
  tags: (c: string, signal?: AbortSignal) =>
    ask<{ tags: TagInfo[] }>(where(c, '/tags'), signal ? { signal } : {}).then((r) => r.tags ?? []),
  tag: (c: string, tag: string, pictures: string[]) =>
    tabs.told(ask<unknown>(where(c, '/tags'), sent('PUT', { tag, pictures }))),
  untag: (c: string, tag: string, pictures: string[]) =>
    tabs.told(ask<unknown>(where(c, '/tags'), sent('DELETE', { tag, pictures }))),
  renameTag: (c: string, tag: string, name: string) =>
    tabs.told(ask<unknown>(where(c, `/tag${listed({ tag })}`), sent('PATCH', { name }))),
  deleteTag: (c: string, tag: string) =>
    tabs.told(ask<unknown>(where(c, `/tag${listed({ tag })}`), { method: 'DELETE' })),
  review: (c: string, pictures: string[][]) =>
    tabs.told(ask<unknown>(where(c, '/reviews'), sent('PUT', { groups: pictures }))),
  unreview: (c: string, pictures: string[]) =>
    tabs.told(ask<unknown>(where(c, '/reviews'), sent('DELETE', { pictures }))),

  /** The map that is stored; undefined where there is none. */
  map: (c: string, models: string[], signal?: AbortSignal) =>
    ask<MapResult | undefined>(
      where(c, `/map?${new URLSearchParams(models.map((m) => ['model', m]))}`),
      signal ? { signal } : {},
    ),
  keepSelection: (c: string, pictures: string[]) => ask<Selection>(where(c, '/selections'), sent('POST', { pictures })),
  selection: (c: string, id: string, signal?: AbortSignal) =>
    ask<Selection>(where(c, `/selections/${encodeURIComponent(id)}`), signal ? { signal } : {}),

  /** The folders in a folder of the server's machine; without a path, places to begin. */
  folders: (path: string, signal?: AbortSignal) =>
    ask<FolderList>(`folders${listed({ path })}`, signal ? { signal } : {}),
  countPictures: (path: string, signal?: AbortSignal) =>
    ask<FolderCount>(`folders/count${listed({ path })}`, signal ? { signal } : {}),
  /** Sends a picture's file, to be indexed. */
  addFile: (c: string, path: string, file: Blob, signal?: AbortSignal) =>
    ask<AddedFile>(where(c, `/files${listed({ path })}`), {
      method: 'POST',
      body: file,
      headers: { 'Content-Type': 'application/octet-stream' },
      ...(signal ? { signal } : {}),
    }),

  upload: (picture: Blob, signal?: AbortSignal) =>
    ask<Upload>('uploads', {
      method: 'POST',
      body: picture,
      headers: { 'Content-Type': picture.type || 'application/octet-stream' },
      ...(signal ? { signal } : {}),
    }),

  search: (c: string, request: SearchRequest, signal?: AbortSignal) =>
    ask<Result>(where(c, '/search'), sent('POST', request, signal)),
  compare: (c: string, request: SearchRequest, signal?: AbortSignal) =>
    ask<Comparison>(where(c, '/compare'), sent('POST', request, signal)),
  explain: (c: string, a: Term, b: Term, model: string, signal?: AbortSignal) =>
    ask<Explanation>(where(c, '/explain'), sent('POST', { a, b, model }, signal)),

  match: (c: string, a: Term, b: Term, signal?: AbortSignal) =>
    ask<Matching>(where(c, '/match'), sent('POST', { a, b, show: true }, signal)),

  startJob: <Kind extends JobKind>(c: string, kind: Kind, options: JobOptions<Kind>) =>
    starting(ask<Job>(where(c, '/jobs'), sent('POST', { kind, options }))),
  pull: (model: string, acceptLicence = false) =>
    starting(ask<Job>('jobs', sent('POST', { kind: 'pull', options: { model, accept_licence: acceptLicence } }))),
  jobs: (signal?: AbortSignal) => ask<{ jobs: Job[] }>('jobs', signal ? { signal } : {}).then((r) => r.jobs ?? []),
  job: (id: string, signal?: AbortSignal) => ask<Job>(`jobs/${encodeURIComponent(id)}`, signal ? { signal } : {}),
  endJob: (id: string) => ask<unknown>(`jobs/${encodeURIComponent(id)}`, { method: 'DELETE' }),

  models: (signal?: AbortSignal) =>
    ask<{ models: ModelInfo[] }>('models', signal ? { signal } : {}).then((r) => r.models ?? []),
  doctor: (signal?: AbortSignal) =>
    ask<{ checks: Check[] }>('doctor', signal ? { signal } : {}).then((r) => r.checks ?? []),
  version: () => ask<{ version: string; trash: boolean }>('version'),
  login: (token: string) => ask<unknown>('login', sent('POST', { token })),
};

export function thumbnail(collection: string, name: string, size: 64 | 128 | 256 | 512): string {
  return address(where(collection, '/thumbnail'), { name, size });
}

/** The form that another app shared with the installed page, where the server had to keep it; it is given once. */
export async function sharedForm(key: string): Promise<FormData> {
  const url = new URL(`share/${encodeURIComponent(key)}`, document.baseURI);
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw await failure(response);
  return response.formData();
}

export function original(collection: string, name: string): string {
  return address(where(collection, '/file'), { name });
}

export function uploaded(id: string, size: 64 | 128 | 256 | 512): string {
  return address(`uploads/${encodeURIComponent(id)}`, { size });
}

export function exported(collection: string, model: string, format: string): string {
  return address(where(collection, '/export'), { model, format });
}
