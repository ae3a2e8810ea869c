import './link'; // takes a token out of the address before it is read as a place
import { readPlace, writePlace, type Place, type View } from './place';

export { views, writePlace, type View } from './place';

class Route {
  place = $state.raw<Place>(readPlace(location.hash));

  get view() {
    return this.place.view;
  }
  get collection() {
    return this.place.collection;
  }
  get params() {
    return this.place.params;
  }

  listen(): () => void {
    const read = () => (this.place = readPlace(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }

  go(view: View, params = new URLSearchParams(), options: { replace?: boolean; collection?: string } = {}) {
    const hash = writePlace(options.collection ?? this.collection, view, params);
    if (hash === location.hash) return;
    // Not location.hash: of its change one hears a task later, and until then what is shown is not what the link says.
    if (options.replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
    this.place = readPlace(hash);
  }

  /** Changes some parameters of this view's link; null takes one away. */
  set(changes: Record<string, string | string[] | null>, replace = false) {
    const params = new URLSearchParams(this.params);
    for (const [key, value] of Object.entries(changes)) {
      params.delete(key);
      if (Array.isArray(value)) for (const v of value) params.append(key, v);
      else if (value) params.set(key, value);
    }
    this.go(this.view, params, { replace });
  }
}

export const route = new Route();
