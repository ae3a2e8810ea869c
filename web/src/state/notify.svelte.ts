import type { Job } from '../api/types';
import { jobTitle } from '../views';
import { recall, remember } from './stored';

const key = 'akin-notify';

/** Notifications of the browser when a long job ends, for who asked for them and is looking elsewhere. */
class Notify {
  /** Whether the browser has notifications for this page at all: not over plain HTTP from another machine. */
  readonly possible = typeof Notification !== 'undefined' && isSecureContext;
  wanted = $state(false);
  /** The browser was told never to show this page's, which only its settings change. */
  refused = $state(false);

  constructor() {
    if (!this.possible) return;
    this.refused = Notification.permission === 'denied';
    this.wanted = Notification.permission === 'granted' && recall(key) === '1';
  }

  /** To be called by a click: it may ask for the browser's permission. */
  async set(wanted: boolean) {
    const answer = wanted ? await Notification.requestPermission() : Notification.permission;
    this.refused = answer === 'denied';
    this.wanted = wanted && answer === 'granted';
    remember(key, this.wanted ? '1' : null);
  }

  async tell(job: Job) {
    if (!this.wanted || document.hasFocus()) return;
    const title = `${jobTitle(job.kind)}: ${job.state}`;
    const options = { body: job.error?.detail ?? job.collection ?? '', tag: job.id, icon: 'icons/any-192.png' };
    try {
      // Phones have them from a service worker only.
      const worker = await navigator.serviceWorker?.getRegistration();
      if (worker?.active) return await worker.showNotification(title, options);
      new Notification(title, options).onclick = () => window.focus();
    } catch {
      // The page says it as well.
    }
  }
}

export const notify = new Notify();
