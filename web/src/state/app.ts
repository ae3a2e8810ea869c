// The page as an app: installed, opened while the server is away, and chosen where other apps share a picture.

/** Begins the worker that does this, public/sw.js, where browsers have one: over https, and on this machine. */
export function install() {
  if (!('serviceWorker' in navigator) || !isSecureContext) return;
  navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).then(
    async () => {
      const { active } = await navigator.serviceWorker.ready;
      active?.postMessage(performance.getEntriesByType('resource').map((r) => r.name));
    },
    () => {}, // storage is off: the page is no app, and works
  );
}

/** Whether this is the page of before, shown because the server was away when it was opened. */
export const opensAway = document.documentElement.dataset.away !== undefined;
