import type { Hit, Row } from '../../api/types';

export const fused = 'fused'; // the row of all models

/** Where each picture stands in each row of a comparison. */
export class Stands {
  readonly #ranks = new Map<string, Map<string, number>>();
  readonly models: Row[];

  constructor(readonly rows: Row[]) {
    this.models = rows.filter((r) => r.model !== fused);
    for (const row of rows) {
      for (const hit of row.hits) {
        const ranks = this.#ranks.get(hit.name) ?? new Map<string, number>();
        this.#ranks.set(hit.name, ranks.set(row.model, hit.rank));
      }
    }
  }

  rank(name: string, model: string): number | undefined {
    return this.#ranks.get(name)?.get(model);
  }

  /** Whether no other model has this hit. */
  alone(row: Row, hit: Hit): boolean {
    if (row.model === fused || this.models.length < 2) return false;
    return this.models.filter((r) => this.rank(hit.name, r.model) !== undefined).length === 1;
  }

  /** In words, where a picture stands. */
  said(name: string, top: number): string {
    const found = this.rows.flatMap((r) => {
      const rank = this.rank(name, r.model);
      return rank ? [`rank ${rank} in ${r.model}`] : [];
    });
    const rest = this.rows.length - found.length;
    return `${found.join(' · ')}${rest ? `; not in the top ${top} of ${rest} more` : ''}`;
  }
}

/** The mean overlap of two models; null of fewer. */
export function agreement(rows: Row[], overlap: number[][]): number | null {
  const shares = rows.flatMap((a, i) =>
    rows.flatMap((b, j) => (j > i && a.model !== fused && b.model !== fused ? [overlap[i]?.[j] ?? 0] : [])),
  );
  return shares.length ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null;
}
