const retrySeconds = [1, 1, 2, 3, 5];

/** Whether the server answers, and whether it wants a token first. */
class Server {
  reachable = $state(true);
  locked = $state(false);
  /** Grows each time the server comes back, so that failed requests are repeated. */
  returned = $state(0);
  #tries = 0;
  #timer = 0;

  answered() {
    if (this.reachable) return;
    this.reachable = true;
    this.#tries = 0;
    clearTimeout(this.#timer);
    this.returned++;
  }

  lost() {
    if (!this.reachable) return;
    this.reachable = false;
    this.#tryAgain();
  }

  /** Pings now and then, so that a dead server is noticed before the next click. */
  watch(): () => void {
    const timer = setInterval(() => {
      if (this.reachable && document.visibilityState === 'visible') void this.ping();
    }, 5000);
    return () => clearInterval(timer);
  }

  async ping(): Promise<void> {
    try {
      const response = await fetch(new URL('healthz', document.baseURI), { cache: 'no-store' });
      if (response.status < 502) this.answered();
      else if (this.reachable)
        this.lost(); // a proxy without a server
      else this.#tryAgain();
    } catch {
      if (this.reachable) this.lost();
      else this.#tryAgain();
    }
  }

  #tryAgain() {
    clearTimeout(this.#timer);
    const seconds = retrySeconds[Math.min(this.#tries++, retrySeconds.length - 1)]!;
    this.#timer = window.setTimeout(() => void this.ping(), seconds * 1000);
  }
}

export const server = new Server();
