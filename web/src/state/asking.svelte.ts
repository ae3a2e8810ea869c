import { api } from '../api/client';
import type { Term } from '../api/types';
import { library } from './library.svelte';
import { notices } from './notices.svelte';
import { readTerms, sameTerm, writeTerms } from './query';
import { route, type View } from './route.svelte';

const asks: View[] = ['search', 'compare'];

/** The query that the link holds, and the ways to change it. Each change is a step that the back button undoes. */
class Asking {
  pending = $state(0); // pictures on their way to the server

  get terms(): Term[] {
    return asks.includes(route.view) ? readTerms(route.params) : [];
  }

  link(terms: Term[]): URLSearchParams {
    const view = asks.includes(route.view) ? route.params : new URLSearchParams();
    const params = writeTerms(terms, new URLSearchParams(view));
    params.delete('top');
    params.delete('look');
    return params;
  }

  ask(terms: Term[], view?: View) {
    const to = view ?? (asks.includes(route.view) ? route.view : 'search');
    route.go(to, this.link(terms));
    if (terms.length) scrollTo({ top: 0 });
  }

  add(term: Term) {
    this.ask([...this.terms.filter((t) => !sameTerm(t, term)), term]);
  }

  change(place: number, term: Term | null) {
    const terms = this.terms;
    terms.splice(place, 1, ...(term ? [term] : []));
    this.ask(terms);
  }

  /** Hands files to the server; those that it takes become the query, or join it. */
  async bring(files: Iterable<Blob>, join: boolean) {
    const collection = library.name;
    const found: Term[] = [];
    for (const file of files) {
      this.pending++;
      try {
        found.push({ upload: (await api.upload(file)).upload, weight: 1 });
      } catch (error) {
        const name = file instanceof File && file.name ? `${file.name}: ` : '';
        notices.say(name + (error as Error).message, true);
      } finally {
        this.pending--;
      }
    }
    if (found.length && library.name === collection) this.ask(join ? [...this.terms, ...found] : found);
  }
}

export const asking = new Asking();

/** The pictures of a drop or a paste: files, or an address, or a picture of this page. */
export async function bringTransfer(transfer: DataTransfer, join: boolean): Promise<boolean> {
  const name = transfer.getData('application/x-akin-picture');
  const files = [...transfer.files];
  const address = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  if (name) {
    const term = { picture: name, weight: 1 };
    if (join) asking.add(term);
    else asking.ask([term]);
  } else if (files.length) {
    await asking.bring(files, join);
  } else if (/^https?:\/\/\S+$/i.test(address.trim())) {
    const term = { url: address.trim().split(/\s/)[0]!, weight: 1 };
    if (join) asking.add(term);
    else asking.ask([term]);
  } else {
    return false;
  }
  return true;
}
