import type { Facets } from '../../api/types';
import { count } from '../../state/words';

/** A value to choose: its text, what it is in the link, and how many pictures have it. */
export type Choice = { text: string; value: string; pictures: number; title?: string };
/** What pictures can be chosen by: its parameter in the link, and its values; `several` of them can be chosen. */
export type Facet = { key: string; label: string; several: boolean; choices: Choice[] };

/** The facets that have something to choose. */
export function facetsOf(f: Facets): Facet[] {
  const plain = (values: Facets['cameras']): Choice[] =>
    values.map((v) => ({ text: v.value, value: v.value, pictures: v.pictures }));
  const all: Facet[] = [
    // Every picture has a year, if only its file's: one is no choice.
    { key: 'taken', label: 'Year', several: false, choices: f.years.length > 1 ? plain(f.years) : [] },
    { key: 'camera', label: 'Camera', several: true, choices: plain(f.cameras) },
    { key: 'lens', label: 'Lens', several: true, choices: plain(f.lenses) },
    { key: 'rating', label: 'Rating', several: false, choices: stars(f) },
    { key: 'label', label: 'Label', several: true, choices: plain(f.labels) },
    { key: 'keyword', label: 'Keyword', several: true, choices: plain(f.keywords) },
  ];
  return all.filter((facet) => facet.choices.length);
}

/** Numbers of stars, each with the pictures that have as many or more; one that adds no picture is left out. */
function stars(f: Facets): Choice[] {
  const out: Choice[] = [];
  let pictures = 0;
  for (let n = 5; n >= 1; n--) {
    const more = f.ratings.find((v) => v.value === String(n))?.pictures ?? 0;
    pictures += more;
    if (more) out.push({ text: '★'.repeat(n), value: String(n), pictures, title: `${n} or more: ${count(pictures)}` });
  }
  return out;
}
