export const views = [
  'search',
  'compare',
  'explain',
  'map',
  'evaluate',
  'bias',
  'probe',
  'duplicates',
  'collections',
] as const;
export type View = (typeof views)[number];

export type Place = { collection: string; view: View; params: URLSearchParams };

/** Reads `#/COLLECTION/VIEW?…`; the collection may be left out. */
export function readPlace(hash: string): Place {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''));
  const parts = path.split('/').filter(Boolean).map(decode);
  const view = (parts.at(-1) ?? '') as View;
  const known = views.includes(view);
  return {
    collection: parts.length > 1 || !known ? (parts[0] ?? '') : '',
    view: known ? view : 'search',
    params: new URLSearchParams(query),
  };
}

export function writePlace(collection: string, view: View, params?: URLSearchParams): string {
  const query = params?.size ? `?${readable(params)}` : '';
  return `#/${collection ? `${encodeURIComponent(collection)}/` : ''}${view}${query}`;
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

/** Keeps what a person may want to read in a link: colons, commas and slashes are harmless behind the #. */
function readable(params: URLSearchParams): string {
  return params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%40', '@');
}
