import { api, Failed } from '../../api/client';
import type { Job, ModelInfo } from '../../api/types';
import { dropped, type Found } from '../../state/dropped.svelte';
import { ended, follow } from '../../state/jobs.svelte';
import { library } from '../../state/library.svelte';

/** What is to be added to a collection, and what is to look at it. */
export type Plan = {
  collection: string;
  create: boolean;
  folder: string; // of the server; '' for what was dropped
  models: ModelInfo[]; // none: as the collection is indexed
  inside: Inside;
};

/** What is looked for inside of files that are no pictures. */
export type Inside = { archives: boolean; frames: number; pages: number };

const atOnce = 3; // pictures on their way

/**
 * Adds pictures: makes the collection, downloads models, sends what was dropped and starts the job that indexes it. It
 * goes on while other views are shown.
 */
class Adding {
  plan = $state.raw<Plan | null>(null);
  step = $state<'' | 'creating' | 'downloading' | 'sending' | 'starting'>('');
  pull = $state.raw<Job | null>(null);
  /** How many pictures are sent, of how many. */
  sent = $state.raw({ done: 0, total: 0 });
  refused = $state.raw<{ path: string; why: string }[]>([]);
  error = $state.raw<Failed | null>(null);
  #stop: AbortController | null = null;

  get running(): boolean {
    return this.step !== '';
  }

  /** Returns the job that indexes; null where it was cancelled or failed, and `error` says why. */
  async start(plan: Plan): Promise<Job | null> {
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    this.plan = plan;
    this.error = null;
    this.refused = [];
    this.pull = null;
    try {
      this.step = 'creating';
      if (plan.create) await api.createCollection(plan.collection);
      this.step = 'downloading';
      for (const model of plan.models) if (!model.present) await this.#download(model, stop.signal);
      let paths = [plan.folder];
      if (!plan.folder) {
        this.step = 'sending';
        paths = await this.#send(plan.collection, dropped.files, stop.signal);
      }
      this.step = 'starting';
      const models = plan.models.length ? plan.models.map((m) => m.name) : undefined;
      const job = await api.startJob(plan.collection, 'index', {
        paths,
        models,
        archives: plan.inside.archives || undefined,
        frames: plan.inside.frames || undefined,
        pages: plan.inside.pages || undefined,
      });
      if (!plan.folder) dropped.clear();
      library.refresh();
      return job;
    } catch (error) {
      if (!stop.signal.aborted) this.error = error instanceof Failed ? error : new Failed(String(error), 0);
      if (plan.create) library.refresh();
      return null;
    } finally {
      if (this.#stop === stop) this.step = '';
    }
  }

  async cancel(): Promise<boolean> {
    this.#stop?.abort();
    this.step = '';
    if (this.pull && !ended(this.pull)) await api.endJob(this.pull.id).catch(() => {});
    return true;
  }

  async #download(model: ModelInfo, signal: AbortSignal) {
    const job = await api.pull(model.name);
    if (signal.aborted) await api.endJob(job.id);
    signal.throwIfAborted();
    await new Promise<void>((done, fail) => {
      const stop = follow(
        job.id,
        (next) => {
          this.pull = next;
          if (next.state === 'done') done();
          else if (ended(next)) fail(new Failed(next.error?.detail ?? `${model.name} was not downloaded.`, 500));
        },
        () => fail(new Failed('The server restarted. Start again.', 404)),
      );
      signal.addEventListener('abort', () => {
        stop();
        fail(new Failed('Cancelled.', 0));
      });
    });
  }

  /** Sends files; returns the folders that they now lie in. */
  async #send(collection: string, files: Found[], signal: AbortSignal): Promise<string[]> {
    this.sent = { done: 0, total: files.length };
    const folders = new Set<string>();
    const left = files.values();
    const sender = async () => {
      for (const { path, file } of left) {
        try {
          folders.add((await api.addFile(collection, path, file, signal)).folder);
        } catch (error) {
          if (signal.aborted || !(error instanceof Failed) || !refusesOne(error.status)) throw error;
          this.refused = [...this.refused, { path, why: error.message }];
        }
        this.sent = { ...this.sent, done: this.sent.done + 1 };
      }
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
    if (!folders.size) throw new Failed(this.refused[0]?.why ?? 'There are no pictures among these files.', 422);
    return [...folders];
  }
}

/** Whether a status is about the one file, and others may be taken. */
function refusesOne(status: number): boolean {
  return status === 413 || status === 415 || status === 422;
}

export const adding = new Adding();
