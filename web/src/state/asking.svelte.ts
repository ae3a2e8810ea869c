import { api } from '../api/client';
import type { Term } from '../api/types';
import { library } from './library.svelte';
import { notices } from './notices.svelte';
import { readTerms, sameTerm, writeTerms } from './query';
import { route } from './route.svelte';
import type { ViewName } from '../views';

/** The query in the link, and the ways to change it. The back button undoes each change. */
class Asking {
  pending = $state(0); // uploads

  get terms(): Term[] {
    return route.view.query ? readTerms(route.params) : [];
  }

  link(terms: Term[]): URLSearchParams {
    const view = route.view.query ? route.params : new URLSearchParams();
    const params = writeTerms(terms, new URLSearchParams(view));
    params.delete('top');
    params.delete('look');
    return params;
  }

  ask(terms: Term[], view?: ViewName) {
    const to = view ?? (route.view.query ? route.name : 'search');
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

  /** Uploads files; those that the server accepts become the query, or join it. */
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

/** Queries the pictures of a drop or a paste: files, an address, or a picture of this page. False where there are none. */
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
