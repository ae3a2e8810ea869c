import { api } from '../api/client';

/** The token in the address that the server prints. What follows # is never sent, so no proxy logs it. */
function tokenOf(hash: string): string {
  const found = /^#token=([^&]+)/.exec(hash)?.[1] ?? '';
  try {
    return decodeURIComponent(found);
  } catch {
    return '';
  }
}

async function signIn(token: string): Promise<void> {
  // At once, so that it is in no bookmark or screenshot.
  history.replaceState(null, '', location.pathname + location.search);
  await api.login(token).catch(() => {}); // the page asks for a token where this one is wrong
}

const token = tokenOf(location.hash);

/** Resolves when the token in the address was tried; null where there is none. */
export const signedIn: Promise<void> | null = token ? signIn(token) : null;

// The address was opened in a tab that already shows the page.
addEventListener('hashchange', (event) => {
  const token = tokenOf(location.hash);
  if (!token) return;
  event.stopImmediatePropagation(); // it is not a link to a view
  void signIn(token).then(() => location.reload());
});
