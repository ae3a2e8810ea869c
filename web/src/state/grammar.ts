import type { Crop, Term } from '../api/types';

/** What cannot be read as a query. */
export class BadQuery extends Error {}

type Kind = 'picture' | 'name' | 'url' | 'text' | 'upload' | 'mean';
export type ParsedTerm = { kind: Kind; value: string; weight: number };

// A weight is a decimal number: hexadecimal numbers, infinities and the like are names.
const weighted = /^((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?): */;
const prefixed = /^(name|text|upload|mean):(.*)$/s;

/**
 * Reads a query from its words, by the grammar that the command line, the HTTP API and the page share:
 * see ParseQuery in api/grammar.go, and api/testdata/queries.json, which tests here and there run.
 */
export function parseQuery(words: string[]): ParsedTerm[] {
  const terms: ParsedTerm[] = [];
  let operator = '';
  for (const word of words) {
    if (word === '+' || word === '-') {
      if (operator) throw new BadQuery(`“${word}” after “${operator}”: expected a term`);
      operator = word;
      continue;
    }
    const term = parseTerm(word);
    terms.push(operator === '-' ? { ...term, weight: -term.weight } : term);
    operator = '';
  }
  if (operator) throw new BadQuery(`expected a term after “${operator}”`);
  if (!terms.length) throw new BadQuery('empty query');
  return terms;
}

/** Reads one term, as `Chad`, `-France`, `0.5:Mali`, `text:three stars`. */
function parseTerm(word: string): ParsedTerm {
  let rest = word;
  let weight = 1;
  if (rest.startsWith('-')) {
    weight = -1;
    rest = rest.slice(1).replace(/^ +/, '');
  }
  const number = weighted.exec(rest);
  if (number) {
    weight *= Number(number[1]);
    if (!weight || !Number.isFinite(weight))
      throw new BadQuery(`“${word}”: a weight must be a finite number other than 0`);
    rest = rest.slice(number[0].length);
  }
  const term = { ...valueOf(rest), weight };
  if (!term.value.trim()) throw new BadQuery(`“${word}”: empty term`);
  return term;
}

function valueOf(text: string): { kind: Kind; value: string } {
  const [, prefix, value = ''] = prefixed.exec(text) ?? [];
  if (prefix === 'name') return { kind: 'name', value };
  if (prefix === 'text' || prefix === 'upload' || prefix === 'mean') return { kind: prefix, value: value.trim() };
  if (/^https?:\/\//i.test(text)) return { kind: 'url', value: text.trim() };
  return { kind: 'picture', value: text };
}

const fields: Partial<Record<Kind, string>> = { name: 'picture', mean: 'selection' };

/** The term as requests have it. */
function requested({ kind, value, weight }: ParsedTerm): Term {
  return { [fields[kind] ?? kind]: value, weight };
}

/** The term that a parameter of a link has, counting as it is; null where it has none. */
export function termIn(params: URLSearchParams, key: string): Term | null {
  const written = params.get(key);
  return written ? { ...readTerm(written), weight: 1 } : null;
}

/** Reads a term of a link. A term that the grammar does not allow is taken as a name, which the server will not find. */
export function readTerm(written: string): Term {
  try {
    return requested(parseTerm(written));
  } catch {
    return { picture: written, weight: 1 };
  }
}

/** Reads a query from its words; throws BadQuery. */
export function readQuery(words: string[]): Term[] {
  return parseQuery(words).map(requested);
}

/** Splits what is typed into the words of a query: "Chad + 0.5:Mali - France". */
export function splitQuery(typed: string): string[] {
  return typed
    .trim()
    .split(/(?:^|\s+)([-+])\s+/)
    .map((word) => word.trim())
    .filter(Boolean);
}

export function writeTerm(term: Term): string {
  const weight = term.weight ?? 1;
  const sign = weight < 0 ? '-' : '';
  const size = Math.abs(weight);
  const times = size === 1 ? '' : `${Number(size.toPrecision(6))}:`;
  return sign + times + body(term);
}

function body(term: Term): string {
  if (term.text !== undefined) return `text:${term.text}`;
  if (term.upload !== undefined) return `upload:${term.upload}`;
  if (term.selection !== undefined) return `mean:${term.selection}`;
  if (term.url !== undefined) return term.url;
  const name = term.picture ?? '';
  return isPlain(name) ? name : `name:${name}`;
}

/** Whether a name stands for itself, also after a sign or a weight. */
function isPlain(name: string): boolean {
  if (name === '+' || name === '-' || name.startsWith(' ')) return false;
  const { picture, weight } = readTerm(name);
  return picture === name && weight === 1;
}

/** Reads the terms of a link; `crop=PLACE@x,y,width,height` is the region of one, in fractions of the picture. */
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

/** A term's name for people. */
export function termName(term: Term): string {
  if (term.text !== undefined) return term.text;
  if (term.url !== undefined) return term.url.replace(/^https?:\/\//i, '');
  if (term.upload !== undefined) return 'your picture';
  if (term.selection !== undefined) return 'the mean of a selection';
  return term.picture ?? '';
}

export function sameTerm(a: Term, b: Term): boolean {
  return (
    a.picture === b.picture &&
    a.upload === b.upload &&
    a.selection === b.selection &&
    a.url === b.url &&
    a.text === b.text
  );
}
