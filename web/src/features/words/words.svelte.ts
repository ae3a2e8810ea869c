import { untrack } from 'svelte';
import { api, Failed } from '../../api/client';
import type { Job, ModelInfo } from '../../api/types';
import { ended, follow } from '../../state/jobs.svelte';
import { library } from '../../state/library.svelte';
import { recall, remember } from '../../state/stored';

/** The model that is offered: of those that read words and whose licence restricts nothing the fastest. */
const offered = 'clip-vit-base-patch32';

const key = (collection: string) => `akin-words-${collection}`;

/**
 * Gets a collection a model that reads words: downloads it if it is not installed, then indexes with it. Which job runs
 * is kept, so that a page that is opened again goes on from there.
 */
export class Words {
  model = $state.raw<ModelInfo | null>(null);
  job = $state.raw<Job | null>(null);
  error = $state.raw<Failed | null>(null);
  #stop: (() => void) | null = null;
  #refresh = 0;

  constructor(
    readonly collection: string,
    readonly oncoverage: () => void, // more pictures have an embedding than before
  ) {
    $effect(() => {
      untrack(() => void this.#begin());
      return () => {
        this.#stop?.();
        clearTimeout(this.#refresh);
      };
    });
  }

  get running(): boolean {
    return this.job !== null && !ended(this.job);
  }

  async #begin() {
    try {
      const models = await api.models();
      this.model = models.find((m) => m.text && m.present) ?? models.find((m) => m.name === offered) ?? null;
      const kept = recall(key(this.collection));
      if (!kept) return;
      const job = await api.job(kept);
      if (ended(job)) await this.#end(job);
      else this.#follow(job);
    } catch (error) {
      remember(key(this.collection), null); // the server restarted, and no longer has the job
      if (!(error instanceof Failed && error.status === 404)) this.#fail(error);
    }
  }

  /** Downloads and indexes. */
  async get() {
    this.error = null;
    try {
      if (!this.model) return;
      this.#follow(this.model.present ? await this.#index() : await api.pull(this.model.name));
    } catch (error) {
      this.#fail(error);
    }
  }

  async cancel(): Promise<boolean> {
    try {
      if (this.job) await api.endJob(this.job.id);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #index(): Promise<Job> {
    return api.startJob(this.collection, 'index', { models: [this.model!.name] });
  }

  #follow(job: Job) {
    this.#stop?.();
    this.job = job;
    remember(key(this.collection), job.id);
    this.#stop = follow(
      job.id,
      (next) => {
        this.job = next;
        if (ended(next)) void this.#end(next);
        else if (next.kind === 'index') this.#grow();
      },
      () => {
        this.job = null;
        remember(key(this.collection), null);
      },
    );
    if (job.kind === 'index') this.#grow();
  }

  /** While pictures are indexed, the answer is asked for again every few seconds. */
  #grow() {
    if (this.#refresh) return;
    this.#refresh = window.setTimeout(() => {
      this.#refresh = 0;
      library.refresh();
      this.oncoverage();
    }, 3000);
  }

  async #end(job: Job) {
    remember(key(this.collection), null);
    this.job = job;
    if (job.state === 'failed') {
      this.error = new Failed(job.error?.detail ?? 'The job failed without a reason.', job.error?.status ?? 500);
      return;
    }
    if (job.state !== 'done') return;
    if (job.kind === 'pull') {
      try {
        this.#follow(await this.#index());
      } catch (error) {
        this.#fail(error);
      }
      return;
    }
    library.refresh();
    this.oncoverage();
  }

  #fail(error: unknown) {
    this.error = error instanceof Failed ? error : new Failed(String(error), 0);
  }
}
