/** The pictures beside the one that is looked at, in the order in which they were shown. */
class Around {
  names = $state.raw<string[]>([]);

  beside(name: string, step: 1 | -1): string | null {
    const at = this.names.indexOf(name);
    return at < 0 ? null : (this.names[at + step] ?? null);
  }
}

export const around = new Around();
