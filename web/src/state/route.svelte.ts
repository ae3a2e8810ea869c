import { viewNamed, views, type ViewName } from '../views';
import './signin'; // removes a token from the address before it is read as a place
import { readPlace, writePlace as write, type Place } from './place';

/** The link to a view of a collection. */
export const writePlace: (collection: string, view: ViewName, params?: URLSearchParams) => string = write;

class Route {
  place = $state.raw<Place<ViewName>>(read());
  #read = location.hash; // what place was read from

  // Derived, so that a view is not made anew when only its parameters change.
  readonly name = $derived(this.place.view);
  readonly view = $derived(viewNamed(this.name));

  get collection() {
    return this.place.collection;
  }
  get params() {
    return this.place.params;
  }

  listen(): () => void {
    const follow = () => this.#follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }

  go(
    view: ViewName,
    params = new URLSearchParams(),
    options: { replace?: boolean; collection?: string; over?: boolean } = {},
  ) {
    const hash = writePlace(options.collection ?? this.collection, view, params);
    if (hash === location.hash) return;
    // Not location.hash: its event comes a task later, and until then the page would not show what the link says.
    if (options.replace) history.replaceState(history.state, '', hash);
    else history.pushState(options.over ? { over: true } : null, '', hash);
    this.#follow();
  }

  #follow() {
    this.#read = location.hash;
    this.place = read();
  }

  /** Changes parameters of the link; null removes one. */
  set(changes: Record<string, string | string[] | null>, replace = false) {
    if (typeof changes.look === 'string' && Object.keys(changes).length === 1) {
      this.look(changes.look);
      return;
    }
    // A link was followed whose event is yet to come: what the view that is left says of itself would undo it.
    if (location.hash !== this.#read) return;
    const params = new URLSearchParams(this.params);
    for (const [key, value] of Object.entries(changes)) {
      params.delete(key);
      if (Array.isArray(value)) for (const v of value) params.append(key, v);
      else if (value) params.set(key, value);
    }
    this.go(this.name, params, { replace });
  }

  /** How a picture is shown over the view: at once, or with a motion. */
  transition = (_name: string, update: () => void) => update();

  /** Shows a picture over the view; where one is shown already, this one instead of it. */
  look(name: string) {
    const shown = this.params.has('look');
    const params = new URLSearchParams(this.params);
    params.set('look', name);
    this.transition(name, () => this.go(this.name, params, { replace: shown, over: !shown }));
  }

  /** Ends what look began, and leaves nothing of it in the history. */
  endLook() {
    if ((history.state as { over?: boolean } | null)?.over) history.back();
    else this.set({ look: null }, true);
  }
}

function read(): Place<ViewName> {
  return readPlace<ViewName>(location.hash, views);
}

export const route = new Route();
