/** Rows of pictures that fill a width: each row is scaled until its pictures, in their own shapes, end at the edge. */
export type Group = { first: number; label: string; apart: boolean };
export type Shape = {
  width: number;
  target: number; // height of a row, more or less
  gap: number; // beside one another
  between: number; // rows
  below: number; // of a picture: its caption
  head: number; // above a row in which a group begins
};
export type Row = { first: number; end: number; top: number; height: number };
export type Head = { label: string; top: number; left: number; width: number };
export type Laid = {
  left: Float64Array;
  width: Float64Array;
  rows: Row[];
  rowOf: Int32Array;
  heads: Head[];
  height: number;
};

const narrowest = 0.4; // pictures of any shape are shown whole, in a place of such a shape
const widest = 4;
const lowest = 0.6; // how much lower than the target, so that no picture is left over before what begins apart
const tallest = 1.35; // how much higher than the target a row may become to fill the width

/** A picture's width by its height, as the grid has it. One of unknown size is taken as 4:3. */
export function ratioOf(width = 0, height = 0): number {
  if (!width || !height) return 4 / 3;
  return Math.min(widest, Math.max(narrowest, width / height));
}

/** Lays out pictures of these shapes. Groups begin within a row, under a label of their own, or apart, in a new row. */
export function layOut(ratios: number[], groups: Group[], shape: Shape): Laid {
  const { width, target, gap, between, below, head } = shape;
  const n = ratios.length;
  const laid: Laid = {
    left: new Float64Array(n),
    width: new Float64Array(n),
    rows: [],
    rowOf: new Int32Array(n),
    heads: [],
    height: 0,
  };
  const room = Math.max(width, 1);
  let top = 0;
  let g = 0;
  /** Whether all that come before what begins apart still fit into the row that has these. */
  const fitsRest = (first: number, from: number, sum: number): boolean => {
    const ends = groups.find((group) => group.apart && group.first > first)?.first;
    if (ends === undefined || ends <= from || ends - from > 3) return false;
    for (let i = from; i < ends; i++) sum += ratios[i]!;
    return (room - gap * (ends - first - 1)) / sum >= target * lowest;
  };
  for (let first = 0; first < n;) {
    let end = first;
    let sum = 0; // of the ratios
    let full = false;
    for (let next = g; end < n; end++) {
      while (groups[next] && groups[next]!.first < end) next++;
      if (end > first && groups[next]?.first === end && groups[next]!.apart) break;
      const more = sum + ratios[end]!;
      const wide = room - gap * (end - first);
      if (end > first && wide / more < target) {
        // With this picture the row is lower than the target, without it higher: whichever is nearer.
        const with_ = wide / more;
        const without = (wide + gap) / sum;
        full = true;
        if (target / with_ > without / target && !fitsRest(first, end, sum)) break;
        sum = more;
        if (fitsRest(first, end + 1, sum)) continue;
        end++;
        break;
      }
      sum = more;
    }
    const fills = (room - gap * (end - first - 1)) / sum;
    const height = full || fills <= target * tallest ? fills : target; // too few to fill it
    const row = laid.rows.length;
    let labelled = false;
    for (; groups[g] && groups[g]!.first < end; g++) labelled = true;
    if (labelled) top += head;
    let x = 0;
    for (let i = first; i < end; i++) {
      laid.left[i] = x;
      laid.width[i] = ratios[i]! * height;
      laid.rowOf[i] = row;
      x += laid.width[i]! + gap;
    }
    laid.rows.push({ first, end, top, height });
    top += height + below + between;
    first = end;
  }
  laid.height = Math.max(0, top - between);
  for (const [at, group] of groups.entries()) {
    if (group.first >= n) break;
    const row = laid.rows[laid.rowOf[group.first]!]!;
    const after = groups[at + 1];
    const left = laid.left[group.first]!;
    const ends = after && after.first < row.end ? laid.left[after.first]! - gap : room;
    laid.heads.push({ label: group.label, top: row.top - head, left, width: ends - left });
  }
  return laid;
}

/** The first row whose end lies below y. */
export function rowAt(laid: Laid, y: number): number {
  let low = 0;
  let high = laid.rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (laid.rows[middle]!.top + laid.rows[middle]!.height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The picture of the next row, or the one before, that is nearest above or below. */
export function beyond(laid: Laid, from: number, step: 1 | -1): number {
  const row = laid.rows[laid.rowOf[from]! + step];
  if (!row) return from;
  const middle = laid.left[from]! + laid.width[from]! / 2;
  let nearest = row.first;
  const away = (i: number) => Math.abs(laid.left[i]! + laid.width[i]! / 2 - middle);
  for (let i = row.first; i < row.end; i++) if (away(i) < away(nearest)) nearest = i;
  return nearest;
}
