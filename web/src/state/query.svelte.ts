import { tick } from 'svelte';
import type { Term } from '../api/types';
import { pictureType } from './drag.svelte';
import { library } from './library.svelte';
import { means } from './means.svelte';
import { notices } from './notices.svelte';
import { readTerms, sameTerm, termName, writeTerms } from './grammar';
import { route } from './route.svelte';
import { searches } from './searches.svelte';
import { uploads } from './uploads.svelte';
import type { ViewName } from '../views';

/** The query in the link, and the ways to change it. The back button undoes each change. */
class Query {
  pending = $state(0); // uploads

  get terms(): Term[] {
    return route.view.query ? readTerms(route.params) : [];
  }

  link(terms: Term[], to: ViewName = route.name): URLSearchParams {
    const view = route.view.query ? route.params : new URLSearchParams();
    const params = writeTerms(terms, new URLSearchParams(view));
    const { own = [] } = route.view;
    for (const key of ['top', 'look', 'chosen', ...(to === route.name ? [] : own)]) params.delete(key);
    return params;
  }

  /** The link to the map with these pictures selected, by name or as `chosenOf` has it, and the query's hits lit. */
  onMap(chosen: string[]): URLSearchParams {
    const params = this.link(this.terms, 'map');
    for (const key of ['at', 'cluster']) params.delete(key);
    for (const value of chosen) params.append('chosen', value);
    return params;
  }

  search(terms: Term[], view?: ViewName) {
    const to = view ?? (route.view.query ? route.name : 'search');
    const link = this.link(terms, to);
    route.go(to, link);
    if (to === 'search') searches.made(terms, link.toString(), this.title(terms));
    if (terms.length) scrollTo({ top: 0 });
  }

  add(term: Term) {
    this.search([...this.terms.filter((t) => !sameTerm(t, term)), term]);
  }

  change(place: number, term: Term | null) {
    const terms = this.terms;
    terms.splice(place, 1, ...(term ? [term] : []));
    this.search(terms);
    if (!term) this.focus();
  }

  /** A term's name for people: of an upload what its file was called, of a selection how many pictures it has. */
  name(term: Term): string {
    if (term.selection !== undefined) return means.name(term.selection);
    return term.upload !== undefined ? uploads.name(term.upload) : termName(term);
  }

  /** A query's name for people: "Chad + Mali - France". */
  title(terms: Term[]): string {
    return terms
      .map((t, i) => `${(t.weight ?? 1) < 0 ? '- ' : i ? '+ ' : ''}${this.name(t).replaceAll('_', ' ')}`)
      .join(' ');
  }

  /** Goes to the search field, which is another one where the first term came or the last one went. */
  focus() {
    void tick().then(() => document.querySelector<HTMLInputElement>('[data-query]')?.focus({ preventScroll: true }));
  }

  /** Uploads files; those that the server accepts become the query, or join it with a sign. */
  async upload(files: Iterable<Blob>, join: boolean, sign: 1 | -1 = 1) {
    const collection = library.name;
    const found: Term[] = [];
    for (const file of files) {
      this.pending++;
      try {
        found.push({ upload: await uploads.send(file), weight: sign });
      } catch (error) {
        const name = file instanceof File && file.name ? `${file.name}: ` : '';
        notices.say(name + (error as Error).message, true);
      } finally {
        this.pending--;
      }
    }
    if (found.length && library.name === collection) this.search(join ? [...this.terms, ...found] : found);
  }
}

export const query = new Query();

/** Queries the pictures of a drop or a paste: files, an address, or a picture of this page. False where there are none. */
export async function queryTransfer(transfer: DataTransfer, join: boolean, sign: 1 | -1 = 1): Promise<boolean> {
  const name = transfer.getData(pictureType);
  const files = [...transfer.files];
  const address = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  if (name) {
    const term = { picture: name, weight: sign };
    if (join) query.add(term);
    else query.search([term]);
  } else if (files.length) {
    await query.upload(files, join, sign);
  } else if (/^https?:\/\/\S+$/i.test(address.trim())) {
    const term = { url: address.trim().split(/\s/)[0]!, weight: sign };
    if (join) query.add(term);
    else query.search([term]);
  } else {
    return false;
  }
  return true;
}
