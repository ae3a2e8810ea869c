// The page as an app: what it needs to be drawn while the server is away, and the pictures that other apps share with it.
//
// It answers for three things only. The page itself comes from the server whenever that answers, so that an update is
// seen at once; else it is the last one, which says by itself that the server is away. Files whose names contain a hash
// of what they hold never change. A picture that is shared stays in this browser until the page, signed in, uploads it.
// Everything else goes to the server as if this was not here.
const shell = 'akin-shell';
const shared = 'akin-shared'; // read by src/state/received.svelte.ts
const home = new URL('./', location.href).href;

addEventListener('install', (event) => {
  event.waitUntil(fetch(home, { cache: 'no-cache' }).then(keep).then(skipWaiting));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'POST' && request.url === `${home}share`) event.respondWith(receive(request));
  else if (request.method !== 'GET') return;
  else if (request.mode === 'navigate' && [home, `${home}?shared`].includes(request.url.split('#')[0]))
    event.respondWith(page(request, event));
  else if (request.url.startsWith(`${home}assets/`)) event.respondWith(asset(request));
  else if (request.url === `${home}start.js`) event.respondWith(fetch(request).catch(() => caches.match(request)));
});

// What the page loaded before this watched it: the views that were opened, and the fonts.
addEventListener('message', (event) => {
  const urls = event.data.filter((url) => url.startsWith(`${home}assets/`));
  event.waitUntil(caches.open(shell).then((cache) => Promise.allSettled(urls.map((url) => add(cache, url)))));
});

async function add(cache, url) {
  if (!(await cache.match(url, { ignoreVary: true }))) await cache.add(url);
}

/** Keeps the page, with the files that it begins with. Those of an earlier version go. */
async function keep(response) {
  if (!response.ok || response.redirected) return;
  const html = await response.clone().text();
  const cache = await caches.open(shell);
  const before = await cache.match(home);
  if (before && (await before.text()) === html) return;
  const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((m) => home + m[1]);
  // All of them or none: a page without its script is a worse answer than the last one.
  const answers = await Promise.all(files.map((url) => fetch(url, { cache: 'no-cache' })));
  if (!answers.every((a) => a.ok)) return;
  await Promise.all((await cache.keys()).map((request) => cache.delete(request)));
  await Promise.all([...files.map((url, i) => cache.put(url, answers[i])), cache.put(home, response)]);
}

async function page(request, event) {
  try {
    const response = await fetch(request);
    if (response.status < 502) {
      if (response.ok && !response.redirected) event.waitUntil(keep(response.clone()));
      return response;
    }
    return (await away()) ?? response; // a proxy whose server is away
  } catch (error) {
    const last = await away();
    if (last) return last;
    throw error;
  }
}

/** The last page, marked as such: it loads again when the server is back, which may be another version by then. */
async function away() {
  const last = await caches.match(home, { cacheName: shell });
  if (!last) return null;
  const headers = new Headers(last.headers);
  for (const name of ['Content-Encoding', 'Content-Length', 'ETag']) headers.delete(name);
  return new Response((await last.text()).replace('<html ', '<html data-away '), { headers });
}

async function asset(request) {
  const cache = await caches.open(shell);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** Keeps what was shared, and opens the page. The form comes from the system, not from a page, and never leaves here. */
async function receive(request) {
  const form = await request.formData();
  const cache = await caches.open(shared);
  let n = 0;
  for (const file of form.getAll('picture')) {
    if (!(file instanceof File) || !file.size) continue;
    const headers = { 'Content-Type': file.type, 'X-Name': encodeURIComponent(file.name) };
    await cache.put(`${home}shared/${Date.now()}-${n++}`, new Response(file, { headers }));
  }
  const text = `${form.get('url') ?? ''} ${form.get('text') ?? ''}`;
  const address = /https?:\/\/\S+/.exec(text)?.[0];
  if (!n && address)
    await cache.put(`${home}shared/${Date.now()}`, new Response(address, { headers: { 'X-Address': '1' } }));
  return Response.redirect(`${home}?shared`, 303);
}
