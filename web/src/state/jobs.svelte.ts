import { address, api, Failed } from '../api/client';
import type { Job } from '../api/types';

export function ended(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/** Follows a job's events until it ends; gives what stops listening. */
export function follow(id: string, each: (job: Job) => void): () => void {
  const events = new EventSource(address(`jobs/${encodeURIComponent(id)}/events`), { withCredentials: true });
  const read = (event: MessageEvent<string>) => each(JSON.parse(event.data) as Job);
  events.addEventListener('progress', read);
  events.addEventListener('end', (event) => {
    events.close();
    read(event as MessageEvent<string>);
  });
  return () => events.close();
}

/** One piece of long work as a view sees it: start it, watch it, cancel it, take its result. */
export class Work<T> {
  job = $state.raw<Job | null>(null);
  result = $state.raw<T | null>(null);
  error = $state.raw<Failed | null>(null);
  #stop: (() => void) | null = null;
  #turn = 0;

  get running(): boolean {
    return this.job !== null && !ended(this.job);
  }

  async start(collection: string, kind: string, options: unknown): Promise<Job | null> {
    const turn = ++this.#turn;
    this.#stop?.();
    this.error = null;
    try {
      const job = await api.startJob(collection, kind, options);
      if (turn === this.#turn) await this.#take(job, turn);
      return job;
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
      return null;
    }
  }

  /** Shows a job that exists already; false when it is gone, or of another kind. */
  async show(id: string, kind: string): Promise<boolean> {
    const turn = ++this.#turn;
    this.#stop?.();
    this.error = null;
    try {
      const job = await api.job(id);
      if (job.kind !== kind) return false;
      if (turn === this.#turn) await this.#take(job, turn);
      return true;
    } catch (error) {
      if (turn === this.#turn && !(error instanceof Failed && error.status === 404)) this.#fail(error);
      return false;
    }
  }

  async cancel() {
    if (!this.job) return;
    try {
      await api.endJob(this.job.id);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The server does not know it any more: it was started anew. */
  lose() {
    this.#turn++;
    this.#stop?.();
    this.job = null;
    this.error = new Failed('The server was started anew and does not know this work any more: run it again.', 404);
  }

  clear() {
    this.#turn++;
    this.#stop?.();
    this.job = null;
    this.result = null;
    this.error = null;
  }

  async #take(job: Job, turn: number) {
    if (ended(job)) return this.#end(job, turn);
    this.job = job;
    this.#stop = follow(job.id, (next) => {
      if (turn !== this.#turn) return;
      if (ended(next)) void this.#end(next, turn);
      else this.job = next;
    });
  }

  /** Ends the work with its result in hand: the event that tells of the end comes without it. */
  async #end(job: Job, turn: number) {
    let whole = job;
    let lost: unknown = null;
    try {
      if (job.state === 'done' && job.result === undefined) whole = await api.job(job.id);
    } catch (error) {
      lost = error;
    }
    if (turn !== this.#turn) return;
    this.job = job;
    if (lost) this.#fail(lost);
    else if (job.state === 'done') this.result = (whole.result ?? null) as T | null;
    else if (job.state === 'failed') {
      const text = job.error?.detail ?? job.error?.title ?? 'It failed, and the server did not say why.';
      this.error = new Failed(text, job.error?.status ?? 500, job.error ?? {});
    }
  }

  #fail(error: unknown) {
    this.error = error instanceof Failed ? error : new Failed(String(error), 0);
  }
}
