import { api, type Failed } from '../../api/client';
import type { Hit, Result, SearchRequest } from '../../api/types';
import { library } from '../../state/library.svelte';
import { query } from '../../state/query.svelte';
import { searchRequest } from '../../state/request';
import { Resource } from '../../state/resource.svelte';
import { route } from '../../state/route.svelte';
import { gradeOf } from '../../state/words';
import type { Layout } from './layout.svelte';

const asMany = 500; // hits asked for,
const ungraded = 100; // lit of those that have no grade, as when models are fused,
const closest = 40; // and lit where luck explains all

/** The hits of the search in the link, and where they are on the map. */
export class Hits {
  readonly #layout: Layout;
  readonly #request = $derived(
    query.terms.length ? JSON.stringify({ ...searchRequest(query.terms, route.params), top: asMany }) : '',
  );
  readonly #answer: Resource<Result>;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#answer = new Resource((signal) =>
      this.#request ? api.search(library.name, JSON.parse(this.#request) as SearchRequest, signal) : null,
    );
  }

  get error(): Failed | null {
    return this.#answer.error;
  }
  get loading(): boolean {
    return this.#answer.loading;
  }
  get model(): string {
    return this.#answer.value?.model ?? '';
  }

  /** No hit is closer than chance. */
  readonly none = $derived.by(() => {
    const hits = this.#answer.value?.hits ?? [];
    return hits.length > 0 && graded(hits) && !hits.some((h) => reaches(h, 'related'));
  });

  /** The hits that are closer than chance; where there are none, the closest. */
  readonly hits = $derived.by((): Hit[] => {
    const hits = this.#answer.value?.hits ?? [];
    if (!graded(hits)) return hits.slice(0, ungraded);
    if (this.none) return hits.slice(0, closest);
    return hits.filter((h) => reaches(h, route.params.get('cut') === 'near' ? 'near' : 'related'));
  });

  readonly pictures = $derived(this.#placed(this.hits.map((h) => h.name)));

  /** The pictures of the query itself. */
  readonly asked = $derived(
    this.#placed(query.terms.flatMap((t) => (t.picture !== undefined && (t.weight ?? 1) > 0 ? [t.picture] : []))),
  );

  #placed(names: string[]): number[] {
    return names.flatMap((name) => this.#layout.at.get(name) ?? []);
  }
}

function graded(hits: Hit[]): boolean {
  return hits.some((h) => h.grade);
}

const order = ['related', 'near', 'same'];

function reaches(hit: Hit, grade: 'related' | 'near'): boolean {
  return order.indexOf(gradeOf(hit)) >= order.indexOf(grade);
}
