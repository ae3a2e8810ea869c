import type { Job } from '../api/types';

type Progress = NonNullable<Job['progress']>;

/** A job, or other work whose progress is told as that of a job. */
export type Paced = Pick<Job, 'id' | 'state' | 'progress'>;

const watched = 5000; // ms that a step is watched before anything is said
const lately = 60_000; // ms that count
const fewest = 5; // reports of progress
const unlike = 1.6; // the rates of both halves may differ by this factor
const silence = 3; // of the time between reports: after that it stands still

/**
 * How long a step of a job still takes, by what it did lately. Nothing is said where that is not known: before it was
 * watched for a while, where its rate changes, and where it stands still.
 */
export class Pace {
  #step = '';
  #total = 0;
  #seen: { at: number; done: number }[] = [];

  note({ step, done, total }: Progress, at: number) {
    const last = this.#seen.at(-1);
    if (step !== this.#step || total !== this.#total || (last && done < last.done)) this.#seen = [];
    else if (last?.done === done) return;
    this.#step = step;
    this.#total = total;
    this.#seen.push({ at, done });
    while (this.#seen.length > fewest && this.#seen[0]!.at < at - lately) this.#seen.shift();
  }

  /** In milliseconds; null where it is not known. */
  left(now: number): number | null {
    const seen = this.#seen;
    const [first, last] = [seen[0], seen.at(-1)];
    if (!first || !last || this.#total <= 0 || seen.length < fewest || last.at - first.at < watched) return null;
    const time = last.at - first.at;
    if (now - last.at > Math.max(watched, (silence * time) / (seen.length - 1))) return null;
    const half = first.at + time / 2;
    const middle = seen.reduce((a, b) => (Math.abs(b.at - half) < Math.abs(a.at - half) ? b : a));
    const before = (middle.done - first.done) / (middle.at - first.at);
    const after = (last.done - middle.done) / (last.at - middle.at);
    if (!(Math.max(before, after) <= unlike * Math.min(before, after))) return null;
    const rate = (last.done - first.done) / time;
    return Math.max(0, (this.#total - last.done) / rate - (now - last.at));
  }
}

const paces = new Map<string, Pace>(); // of the jobs that this page has seen running

/** How long a job's step still takes, in milliseconds; null where that is not known. */
export function timeLeft(job: Paced, now = performance.now()): number | null {
  if (job.state !== 'running') {
    paces.delete(job.id);
    return null;
  }
  let pace = paces.get(job.id);
  if (!pace) paces.set(job.id, (pace = new Pace()));
  if (job.progress) pace.note(job.progress, now);
  return pace.left(now);
}

/** A time in the words of an estimate: no finer than it is known. */
export function about(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return 'a few seconds';
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} s`;
  const minutes = seconds / 60;
  if (minutes < 55) return `about ${minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5} min`;
  const hours = Math.round(minutes / 30) / 2;
  return `about ${hours} h`;
}
