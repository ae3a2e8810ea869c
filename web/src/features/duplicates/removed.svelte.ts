import type { RemoveReport } from '../../api/types';

/** What was moved to the trash since the page was opened, by collection. It outlives the view. */
class Removed {
  #of = $state.raw<Record<string, RemoveReport>>({});

  of(collection: string): RemoveReport | null {
    const r = this.#of[collection];
    return r?.removed.length ? r : null;
  }

  add(collection: string, r: RemoveReport) {
    const before = this.of(collection);
    this.#of = {
      ...this.#of,
      [collection]: {
        ...r,
        removed: [...(before?.removed ?? []), ...r.removed],
        bytes: (before?.bytes ?? 0) + r.bytes,
      },
    };
  }

  /** Some are back where they were. */
  back(collection: string, sources: Set<string>) {
    const before = this.of(collection);
    if (!before) return;
    const removed = before.removed.filter((c) => !sources.has(c.source));
    this.#of = {
      ...this.#of,
      [collection]: { ...before, removed, bytes: removed.reduce((sum, c) => sum + c.bytes, 0) },
    };
  }

  sources(collection: string): Set<string> {
    return new Set(this.of(collection)?.removed.map((c) => c.source));
  }
}

export const removed = new Removed();
