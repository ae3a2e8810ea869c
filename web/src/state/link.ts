import { api } from '../api/client';

/** The token in the address that `akin serve` prints. What follows # is never sent, so no log of a proxy has it. */
function tokenOf(hash: string): string {
  const found = /^#token=([^&]+)/.exec(hash)?.[1] ?? '';
  try {
    return decodeURIComponent(found);
  } catch {
    return '';
  }
}

async function signIn(token: string): Promise<void> {
  // At once: neither a bookmark nor who looks on shall have it.
  history.replaceState(null, '', location.pathname + location.search);
  await api.login(token).catch(() => {}); // a token that is not right any more is asked for
}

const token = tokenOf(location.hash);

/** Settles when the token of the address was tried; null where there is none. */
export const signedIn: Promise<void> | null = token ? signIn(token) : null;

// The address was opened where the page is already.
addEventListener('hashchange', (event) => {
  const token = tokenOf(location.hash);
  if (!token) return;
  event.stopImmediatePropagation(); // it is no link of a view
  void signIn(token).then(() => location.reload());
});
