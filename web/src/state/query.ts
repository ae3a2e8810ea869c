import type { Crop, Term } from '../api/types';

/**
 * A term in a link, by the command line's grammar: `Chad`, `-France`, `0.5:Mali`, `text:three stars`,
 * `https://…`; and `upload:ID`. `name:` in front takes what follows as a name, whatever it looks like.
 * A region follows as `crop=PLACE@x,y,width,height`, in shares of the picture.
 */
export function readTerm(written: string): Term {
  let rest = written.trim();
  let weight = 1;
  if (/^[-+]\s*\S/.test(rest)) {
    if (rest[0] === '-') weight = -1;
    rest = rest.slice(1).trim();
  }
  const weighted = /^(\d+(?:\.\d+)?|\.\d+):\s*(\S.*)$/s.exec(rest);
  if (weighted) {
    weight *= Number(weighted[1]);
    rest = weighted[2]!;
  }
  const kind = /^(name|text|upload):\s*(\S.*)$/s.exec(rest);
  if (kind?.[1] === 'text') return { text: kind[2]!, weight };
  if (kind?.[1] === 'upload') return { upload: kind[2]!, weight };
  if (kind?.[1] === 'name') return { picture: kind[2]!, weight };
  if (/^https?:\/\//i.test(rest)) return { url: rest, weight };
  return { picture: rest, weight };
}

export function writeTerm(term: Term): string {
  const weight = term.weight ?? 1;
  const sign = weight < 0 ? '-' : '';
  const size = Math.abs(weight);
  const times = size === 1 ? '' : `${round(size)}:`;
  return sign + times + body(term);
}

function body(term: Term): string {
  if (term.text !== undefined) return `text:${term.text}`;
  if (term.upload !== undefined) return `upload:${term.upload}`;
  if (term.url !== undefined) return term.url;
  const name = term.picture ?? '';
  const plain = readTerm(name);
  return plain.picture === name && plain.weight === 1 ? name : `name:${name}`;
}

export function readTerms(params: URLSearchParams): Term[] {
  const terms = params.getAll('q').filter(Boolean).map(readTerm);
  for (const entry of params.getAll('crop')) {
    const [place, region] = entry.split('@');
    const [x, y, width, height] = (region ?? '').split(',').map(Number);
    const term = terms[Number(place)];
    if (term && [x, y, width, height].every((v) => Number.isFinite(v)) && width! > 0 && height! > 0) {
      term.crop = { x: x!, y: y!, width: width!, height: height!, relative: true };
    }
  }
  return terms;
}

export function writeTerms(terms: Term[], params = new URLSearchParams()): URLSearchParams {
  params.delete('q');
  params.delete('crop');
  terms.forEach((term, i) => {
    params.append('q', writeTerm(term));
    if (term.crop) params.append('crop', `${i}@${cropText(term.crop)}`);
  });
  return params;
}

function cropText(c: Crop): string {
  return [c.x, c.y, c.width, c.height].map((v) => round(v)).join(',');
}

function round(v: number): string {
  return String(Number(v.toFixed(4)));
}

/** What to call a term where people read. */
export function termName(term: Term): string {
  if (term.text !== undefined) return term.text;
  if (term.url !== undefined) return term.url.replace(/^https?:\/\//i, '');
  if (term.upload !== undefined) return 'your picture';
  return term.picture ?? '';
}

export function sameTerm(a: Term, b: Term): boolean {
  return a.picture === b.picture && a.upload === b.upload && a.url === b.url && a.text === b.text;
}
