import type { View } from './view';

export type Place<Name extends string = string> = { collection: string; view: Name; params: URLSearchParams };

/** Reads `#/COLLECTION/VIEW?…`; the collection may be left out. The first of the views is shown where none is named. */
export function readPlace<Name extends string>(hash: string, views: View<Name>[]): Place<Name> {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''));
  const parts = path.split('/').filter(Boolean).map(decode);
  const params = new URLSearchParams(query);
  const named = views.find((v) => v.name === parts.at(-1));
  const moved = named && views.find((v) => v.formerlyIn === named.name && v.job && isOnly(v.job, params));
  return {
    collection: parts.length > 1 || !named ? (parts[0] ?? '') : '',
    view: (moved ?? named ?? views[0]!).name,
    params,
  };
}

export function writePlace(collection: string, view: string, params?: URLSearchParams): string {
  const query = params?.size ? `?${readable(params)}` : '';
  return `#/${collection ? `${encodeURIComponent(collection)}/` : ''}${view}${query}`;
}

function isOnly(key: string, params: URLSearchParams): boolean {
  return params.has(key) && params.size === 1;
}

function split(text: string): [string, string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Keeps links readable: colons, commas and slashes are harmless after the #. */
function readable(params: URLSearchParams): string {
  return params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%40', '@');
}
