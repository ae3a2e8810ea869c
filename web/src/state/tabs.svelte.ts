/** What other tabs of this page tell: that something was changed on the server, so that requests are repeated. */
class Tabs {
  /** Grows when another tab has changed something. */
  changed = $state(0);
  readonly #channel = new BroadcastChannel(new URL('.', document.baseURI).pathname); // one for each server of an origin

  constructor() {
    this.#channel.onmessage = () => this.changed++;
  }

  /** Passes on the answer to a request that changes something, and tells the other tabs. */
  async told<T>(answer: Promise<T>): Promise<T> {
    const value = await answer;
    this.#channel.postMessage('changed');
    return value;
  }
}

export const tabs = new Tabs();
