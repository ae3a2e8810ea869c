/** Gives the person a file. */
export function save(name: string, content: Blob) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser reads it after the click
}

/** The tables of an element as CSV, with an empty line between two. A pair fills two columns. */
export function csvOf(element: Element): string {
  return [...element.querySelectorAll('table')]
    .map((table) => {
      const pairs = table.querySelector('[data-a]') !== null;
      return [...table.rows]
        .map((row) => [...row.cells].flatMap((cell, i) => values(cell, pairs && i === 0)))
        .map(line);
    })
    .map((lines) => lines.join('\r\n') + '\r\n')
    .join('\r\n');
}

function values(cell: HTMLElement, pair: boolean): string[] {
  if (pair) {
    const both = cell.querySelector<HTMLElement>('[data-a]');
    return both ? [both.dataset.a!, both.dataset.b!] : ['a', 'b'];
  }
  const label = cell.querySelector('[role=img]')?.getAttribute('aria-label');
  const shown = cell.cloneNode(true) as HTMLElement;
  shown.querySelectorAll('[hidden], [popover]').forEach((e) => e.remove());
  return [(label ?? shown.textContent).replace(/\s+/g, ' ').trim()];
}

function line(cells: string[]): string {
  return cells.map((c) => (/[",\r\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',');
}
