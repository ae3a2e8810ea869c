import { route } from '../../state/route.svelte';
import { fly } from './fly';

/** The pictures listed with the one whose details are open. */
class Siblings {
  names = $state.raw<string[]>([]);

  beside(name: string, step: 1 | -1): string | null {
    const at = this.names.indexOf(name);
    return at < 0 ? null : (this.names[at + step] ?? null);
  }
}

export const siblings = new Siblings();

route.transition = fly;
