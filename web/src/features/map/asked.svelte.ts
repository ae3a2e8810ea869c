import { library } from '../../state/library.svelte';
import { route } from '../../state/route.svelte';

/** What the link asks the map for: whose it is, and what its colours are. */
export class Asked {
  readonly models = $derived(library.current?.models ?? []);
  readonly model = $derived(route.params.get('model') ?? this.models[0] ?? '');
  readonly options = $derived(optionsFor(this.model));
  readonly by = $derived(route.params.get('by') ?? 'cluster');
  readonly other = $derived(this.by.startsWith('model:') ? this.by.slice(6) : ''); // whose clusters are the colours
}

/** The options of a job that lays pictures out as a model sees them, or all models together. */
export function optionsFor(model: string): { models?: string[] } {
  return model === 'fused' ? {} : { models: [model] };
}
