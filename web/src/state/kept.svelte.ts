import { library } from './library.svelte';

/** What a form was filled with, kept in the tab, so that one may look elsewhere and come back. Create it where effects are allowed. */
export class Kept<T extends object> {
  readonly form: T;

  constructor(view: string, initial: T) {
    const key = `akin.form.${library.name}.${view}`;
    this.form = $state({ ...initial, ...read(key) });
    $effect(() => {
      const text = JSON.stringify(this.form);
      try {
        sessionStorage.setItem(key, text);
      } catch {
        // A browser that keeps nothing, or a text too long for it: the form is only filled again.
      }
    });
  }
}

function read(key: string): object {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as object;
  } catch {
    return {};
  }
}
