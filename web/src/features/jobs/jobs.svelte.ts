import { onDestroy, untrack } from 'svelte';
import { api, Failed } from '../../api/client';
import type { Job } from '../../api/types';
import { ended, follow } from '../../state/jobs.svelte';
import { Resource } from '../../state/resource.svelte';

/** The server's jobs, of all collections, kept up to date by their events. Create it where effects are allowed. */
export class Jobs {
  error = $state.raw<Failed | null>(null); // of the last job that could not be started or cancelled
  #live = $state.raw<Record<string, Job>>({}); // from their events: newer than the list
  readonly #listed = new Resource((signal) => api.jobs(signal));
  readonly #following = new Map<string, () => void>();

  constructor(readonly onend: (job: Job) => void = () => {}) {
    $effect(() => {
      const open = (this.#listed.value ?? []).filter((j) => !ended(j));
      untrack(() => open.forEach((j) => this.#follow(j))); // which reads and writes #live
    });
    onDestroy(() => this.#following.forEach((stop) => stop()));
  }

  readonly all = $derived.by(() => {
    const all = new Map<string, Job>();
    for (const j of this.#listed.value ?? []) all.set(j.id, j);
    for (const j of Object.values(this.#live)) all.set(j.id, { ...all.get(j.id), ...j });
    return [...all.values()].sort((a, b) => b.created.localeCompare(a.created));
  });
  readonly running = $derived(this.all.filter((j) => !ended(j)));
  readonly ended = $derived(this.all.filter(ended));

  /** Starts a job and follows it; null, and an error, where the server refuses. */
  async start(ask: () => Promise<Job>): Promise<Job | null> {
    const job = await this.#attempt(ask);
    if (job) this.#follow(job);
    return job;
  }

  async cancel(job: Job): Promise<boolean> {
    return (await this.#attempt(() => api.endJob(job.id).then(() => true))) ?? false;
  }

  async #attempt<T>(ask: () => Promise<T>): Promise<T | null> {
    this.error = null;
    try {
      return await ask();
    } catch (error) {
      this.error = error instanceof Failed ? error : new Failed(String(error), 0);
      return null;
    }
  }

  #follow(job: Job) {
    this.#live = { ...this.#live, [job.id]: job };
    if (this.#following.has(job.id)) return;
    this.#following.set(
      job.id,
      follow(
        job.id,
        (next) => {
          this.#live = { ...this.#live, [next.id]: next };
          if (!ended(next)) return;
          this.#following.delete(next.id);
          this.onend(next);
        },
        () => this.#lose(job.id),
      ),
    );
  }

  /** A restarted server does not know the job: its list is read again. */
  #lose(id: string) {
    this.#following.delete(id);
    this.#live = Object.fromEntries(Object.entries(this.#live).filter(([key]) => key !== id));
    this.#listed.again();
  }
}
