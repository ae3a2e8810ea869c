/** Pairs in the command line's format: a CSV row of names, of which every two are a pair; # starts a comment. */
export function readPairs(text: string): { pairs: { a: string; b: string }[]; wrong: string } {
  const pairs: { a: string; b: string }[] = [];
  let wrong = '';
  rows(text).forEach(({ cells, line }, place) => {
    if (place === 0 && cells.length === 2 && cells[0]!.toLowerCase() === 'a' && cells[1]!.toLowerCase() === 'b') return;
    if (cells.length < 2)
      wrong ||= `Line ${line}: “${cells[0]}” is alone. Enter two or more names per line: Chad,Romania`;
    for (let i = 0; i < cells.length; i++) {
      for (let j = i + 1; j < cells.length; j++) pairs.push({ a: cells[i]!, b: cells[j]! });
    }
  });
  return {
    pairs,
    wrong: wrong || (pairs.length ? '' : 'No pairs yet. Enter two or more names per line: Chad,Romania'),
  };
}

/** Pairs as readPairs reads them. */
export function writePairs(pairs: { a: string; b: string }[]): string {
  const cell = (name: string) => (/^#|^\s|\s$|[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  return pairs.map((p) => `${cell(p.a)},${cell(p.b)}`).join('\n');
}

/** Labels: a row with a picture's name and its group. */
export function readLabels(text: string): { labels: { name: string; group: string }[]; wrong: string } {
  const labels: { name: string; group: string }[] = [];
  let wrong = '';
  rows(text).forEach(({ cells, line }, place) => {
    if (place === 0 && cells.join(',').toLowerCase() === 'name,group') return;
    if (cells.length !== 2) wrong ||= `Line ${line}: enter a name and its group: Chad,Africa`;
    else labels.push({ name: cells[0]!, group: cells[1]! });
  });
  return {
    labels,
    wrong: wrong || (labels.length ? '' : 'No groups yet. Enter a name and its group per line: Chad,Africa'),
  };
}

function rows(text: string): { cells: string[]; line: number }[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (!line.trim() || line.trim().startsWith('#')) return [];
    return [{ cells: cellsOf(line), line: i + 1 }];
  });
}

function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/y;
  while (cell.lastIndex < line.length) {
    const found = cell.exec(line);
    if (!found) break;
    cells.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? '').trim());
  }
  return cells.filter(Boolean);
}
