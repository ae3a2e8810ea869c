import { library } from '../../state/library.svelte';
import { route } from '../../state/route.svelte';

/** The map that the link names: its model, and what its colours mean. */
export class MapLink {
  readonly models = $derived(library.current?.models ?? []);
  readonly model = $derived(route.params.get('model') ?? library.current?.default_model ?? this.models[0] ?? '');
  readonly options = $derived(optionsFor(this.model));
  readonly by = $derived(route.params.get('by') ?? 'cluster');
  readonly other = $derived(this.by.startsWith('model:') ? this.by.slice(6) : ''); // the model whose clusters give the colours
}

/** The options of the job that computes the map of a model, or of all models fused. */
export function optionsFor(model: string): { models?: string[] } {
  return model === 'fused' ? {} : { models: [model] };
}
