import { address, api, Failed } from '../api/client';
import type { Job, JobKind, JobOptions, JobResults } from '../api/types';

export function ended(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/**
 * Follows a job's events until it ends, or until a restarted server no longer knows it; returns a function that
 * stops following. The browser reconnects by itself when the connection breaks, but not after a refusal: then this
 * does, a second later.
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

/** A job as a view sees it: start it, follow it, cancel it, take its result. */
export class Work<Kind extends JobKind> {
  job = $state.raw<Job | null>(null);
  result = $state.raw<JobResults[Kind] | null>(null);
  error = $state.raw<Failed | null>(null);
  asked = $state(false); // whether the server has said which jobs of this kind it has
  #stop: (() => void) | null = null;
  #turn = 0;
  #clears = 0;
  #unasked = false; // the job was begun by the view itself

  get running(): boolean {
    return this.job !== null && !ended(this.job);
  }

  constructor(readonly kind: Kind) {}

  /** `unasked`: nobody asked for the job, which ends when its view is left. */
  async start(collection: string, options: JobOptions<Kind>, { unasked = false } = {}): Promise<Job | null> {
    const turn = ++this.#turn;
    this.#stop?.();
    this.#unasked = unasked;
    this.error = null;
    try {
      const job = await api.startJob(collection, this.kind, options);
      if (turn === this.#turn) await this.#take(job, turn);
      else if (unasked) await api.endJob(job.id);
      return job;
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
      return null;
    }
  }

  /** Shows an existing job; false when it is gone or of another kind. */
  async show(id: string): Promise<boolean> {
    const turn = ++this.#turn;
    this.#stop?.();
    this.#unasked = false;
    this.error = null;
    try {
      const job = await api.job(id);
      if (job.kind !== this.kind) return false;
      if (turn === this.#turn) await this.#take(job, turn);
      return true;
    } catch (error) {
      if (turn === this.#turn && !(error instanceof Failed && error.status === 404)) this.#fail(error);
      return false;
    }
  }

  /** Shows the last job of this kind that the server has of a collection; false where it has none. */
  async last(collection: string): Promise<boolean> {
    try {
      const last = (await api.jobs())
        .filter(
          (j) => j.kind === this.kind && j.collection === collection && j.state !== 'failed' && j.state !== 'cancelled',
        )
        .sort((a, b) => b.created.localeCompare(a.created))[0];
      if (!last || this.job) return this.job !== null;
      return await this.show(last.id);
    } catch {
      return false; // the page says elsewhere that the server does not answer
    } finally {
      this.asked = true;
    }
  }

  /** Shows the last job of this kind; where there is none, begins one that nobody asked for, unless `first` is null. */
  async open(collection: string, first: () => JobOptions<Kind> | null | Promise<JobOptions<Kind> | null>) {
    const clears = this.#clears;
    if ((await this.last(collection)) || this.job || this.error) return;
    let options: JobOptions<Kind> | null;
    try {
      options = await first();
    } catch (error) {
      if (!this.job && clears === this.#clears) this.#fail(error);
      return;
    }
    if (options && !this.job && clears === this.#clears) await this.start(collection, options, { unasked: true });
  }

  /** Asks the server to cancel the job; false when it refuses. */
  async cancel(): Promise<boolean> {
    try {
      if (this.job) await api.endJob(this.job.id);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** The server restarted and no longer knows the job. */
  lose() {
    this.#turn++;
    this.#stop?.();
    this.job = null;
    this.error = new Failed('The server restarted and no longer has this job. Run it again.', 404);
  }

  clear() {
    this.#turn++;
    this.#clears++;
    this.#stop?.();
    if (this.#unasked && this.job && !ended(this.job)) api.endJob(this.job.id).catch(() => {}); // it ends by itself, then
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

  /** Ends the work with its result, which the last event does not carry. */
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
    else if (job.state === 'done') this.result = (whole.result ?? null) as JobResults[Kind] | null;
    else if (job.state === 'failed') {
      const text = job.error?.detail ?? job.error?.title ?? 'The job failed without a reason.';
      this.error = new Failed(text, job.error?.status ?? 500, job.error ?? {});
    }
  }

  #fail(error: unknown) {
    this.error = error instanceof Failed ? error : new Failed(String(error), 0);
  }
}
