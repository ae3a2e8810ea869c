import { address, api, Failed } from '../api/client';
import type { Job } from '../api/types';

export function ended(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/**
 * Follows a job's events until it ends, or until the server, started anew, does not know it; gives what stops
 * listening. While the server is away the browser tries again by itself; after a refusal we do, and not at once.
 */
export function follow(id: string, each: (job: Job) => void, lost: () => void): () => void {
  let events: EventSource;
  let timer = 0;
  let stopped = false;
  const read = (event: Event) => each(JSON.parse((event as MessageEvent<string>).data) as Job);
  const later = () => (timer = window.setTimeout(() => void ask(), 1000));
  const listen = () => {
    events = new EventSource(address(`jobs/${encodeURIComponent(id)}/events`), { withCredentials: true });
    events.addEventListener('progress', read);
    events.addEventListener('end', (event) => {
      events.close();
      read(event);
    });
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) later();
    });
  };
  const ask = async () => {
    try {
      const job = await api.job(id);
      if (stopped) return;
      if (ended(job)) each(job);
      else listen();
    } catch (error) {
      if (stopped) return;
      if (error instanceof Failed && error.status === 404) lost();
      else later();
    }
  };
  listen();
  return () => {
    stopped = true;
    clearTimeout(timer);
    events.close();
  };
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

  /** Whether it was the server's will too. */
  async cancel(): Promise<boolean> {
    try {
      if (this.job) await api.endJob(this.job.id);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
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
    this.#stop = follow(
      job.id,
      (next) => {
        if (turn !== this.#turn) return;
        if (ended(next)) void this.#end(next, turn);
        else this.job = next;
      },
      () => turn === this.#turn && this.lose(),
    );
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
