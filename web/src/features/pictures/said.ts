import type { PictureInfo } from '../../api/types';

/** What cameras and people wrote about a picture, in the order in which it is shown. */
export function said(p: PictureInfo): [what: string, value: string][] {
  const stars = p.rating ?? 0;
  const all: [string, string | undefined][] = [
    ['Camera', p.camera],
    ['Lens', p.lens],
    ['Position', p.position && `${p.position.latitude.toFixed(5)}, ${p.position.longitude.toFixed(5)}`],
    ['Rating', stars < 0 ? 'rejected' : '★'.repeat(stars)],
    ['Label', p.label],
    ['Title', p.title],
    ['Caption', p.caption],
    ['Keywords', p.keywords?.join(', ')],
  ];
  return all.filter((row): row is [string, string] => !!row[1]);
}
