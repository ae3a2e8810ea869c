import { api, begun } from '../api/client';
import type { Job } from '../api/types';
import { ended } from './jobs.svelte';
import { server } from './server.svelte';

const often = 1000; // ms between looks while something runs
const seldom = 10_000;
const longer = 5000; // ms: what takes less ends before anyone looks elsewhere

/** How long a job took, or has taken so far, by the server's clock, in milliseconds. */
function took(job: Job): number {
  return job.started && job.finished ? Date.parse(job.finished) - Date.parse(job.started) : 0;
}

/** The jobs that the server runs, of all collections and whoever started them, as the frame of the page shows them. */
class Running {
  jobs = $state.raw<Job[]>([]); // queued and running, the oldest first
  /** Those that took a while and ended since the page was opened, until someone has looked at them; the newest first. */
  done = $state.raw<Job[]>([]);
  #known = new Map<string, number>(); // looks at which a job was open
  #timer = 0;
  #looking = false;
  #watching = false;
  #tell: (job: Job) => void = () => {};

  /** Follows the server's jobs until the returned function is called; tells of each that took a while when it ends. */
  watch(tell: (job: Job) => void): () => void {
    this.#tell = tell;
    this.#watching = true;
    const look = () => void this.look();
    const seen = () => document.visibilityState === 'visible' && look();
    begun.add(look);
    document.addEventListener('visibilitychange', seen);
    look();
    return () => {
      this.#watching = false; // a look that is on its way is the last one
      begun.delete(look);
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(this.#timer);
    };
  }

  async look() {
    clearTimeout(this.#timer);
    if (this.#looking) return;
    this.#looking = true;
    try {
      this.#take(await api.jobs());
    } catch {
      // The page says elsewhere that the server does not answer. What it ran is not known.
      if (!server.reachable) this.jobs = [];
    } finally {
      this.#looking = false;
    }
    if (!this.#watching) return;
    if (!this.#known.size && document.visibilityState === 'hidden') return; // until the page is seen again
    this.#timer = window.setTimeout(() => void this.look(), this.#known.size ? often : seldom);
  }

  #take(all: Job[]) {
    const open = all.filter((j) => !ended(j));
    for (const job of all) {
      if (!ended(job) || !this.#known.has(job.id)) continue;
      if (took(job) < longer || job.state === 'cancelled') continue;
      this.done = [job, ...this.done].slice(0, 5);
      this.#tell(job);
    }
    this.#known = new Map(open.map((j) => [j.id, (this.#known.get(j.id) ?? 0) + 1]));
    // What ends between two looks is not worth a mark that comes and goes.
    this.jobs = open.filter((j) => this.#known.get(j.id)! > 1).toReversed();
  }

  async cancel(job: Job): Promise<boolean> {
    await api.endJob(job.id);
    void this.look();
    return true;
  }

  /** The share of the job that is done, of the first that knows it; null where none does. */
  get share(): number | null {
    const p = this.jobs.find((j) => j.state === 'running' && (j.progress?.total ?? 0) > 0)?.progress;
    return p ? Math.min(1, p.done / p.total) : null;
  }

  seen() {
    this.done = [];
  }
}

export const running = new Running();
