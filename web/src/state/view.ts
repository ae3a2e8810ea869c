import type { Component } from 'svelte';
import type { JobKind } from '../api/types';

/** A key, or several with spaces between, and what it does. */
export type Key = readonly [keys: string, does: string];

/** A view, as the menu, links and shortcuts need it. */
export type View<Name extends string = string> = {
  name: Name; // in links; also its folder here, and its file in the server
  title: string;
  short?: string; // the title where there is little room
  group: 'pictures' | 'models' | 'collection'; // of the menu
  icon: string; // a path in 20 × 20
  key: string; // that opens it, after g
  help: string; // the page of docs/ about it, and perhaps a heading there
  /** Its own keys. */
  keys?: readonly Key[];
  /** What must exist before it can be shown. Pictures, by default. */
  needs?: 'nothing' | 'collection';
  /** Its link has a query, which views with one pass on to each other. */
  query?: true;
  /** Parameters of its link that mean nothing to other views. */
  own?: readonly string[];
  /** It fills the window. */
  full?: true;
  /** Its pictures take the whole width. */
  wide?: true;
  /** It has a tab on a phone. */
  tab?: true;
  /** The job whose result it shows. A link names the job in a parameter of that name. */
  job?: JobKind;
  /** The view that it used to be part of. Links there that name its job lead here. */
  formerlyIn?: string;
  /** None where the page itself includes it. */
  load?: () => Promise<{ default: Component }>;
};

export function defineView<const Name extends string>(view: View<Name>): View<Name> {
  return view;
}
