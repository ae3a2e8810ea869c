import type { Component } from 'svelte';
import type { JobKind } from '../api/types';

/** What the menu, the links, the keyboard and the list of shortcuts know of a view. */
export type View<Name extends string = string> = {
  name: Name; // in links; also of its folder, and of the server's file
  title: string;
  group: 'pictures' | 'models' | 'collection'; // of the menu
  icon: string; // a path in 20 × 20
  key: string; // that opens it, after g
  /** What must be there before it can be shown: pictures, unless it says otherwise. */
  needs?: 'nothing' | 'collection';
  /** Its link holds a query, which goes along to other such views. */
  query?: true;
  /** It fills the window. */
  full?: true;
  /** The job whose result it shows. A link names the job in a parameter of that name. */
  job?: JobKind;
  /** The view that it was once a part of: links to there that name its job lead here. */
  formerlyIn?: string;
  /** Absent: it comes with the page. */
  load?: () => Promise<{ default: Component }>;
};

export function defineView<const Name extends string>(view: View<Name>): View<Name> {
  return view;
}
