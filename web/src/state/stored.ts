// Texts that this browser keeps for the page. A browser may keep nothing, where a person has blocked what sites store or its
// room is full, and throws at each use: then they last as long as the page.
const unkept = new Map<string, string | null>();

export function recall(key: string): string | null {
  if (unkept.has(key)) return unkept.get(key) ?? null;
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text, or none. */
export function remember(key: string, text: string | null) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    unkept.delete(key);
  } catch {
    unkept.set(key, text);
  }
}
