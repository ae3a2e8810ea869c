import type { Term } from '../api/types';
import { readQuery, splitQuery } from './grammar';

/** What is typed, read as the terms before a name, and that name: "Chad + Mali - Fr" ends with "Fr", or with "Mali - Fr". */
export type Ending = { before: Term[]; last: Term };

const operator = /^[-+]$/;

/** The ways to read the end of what is typed as one name, the shortest first: names may have operators in them. */
export function endings(typed: string, most = 3): Ending[] {
  const words = splitQuery(typed);
  const found: Ending[] = [];
  for (let i = words.length - 1; i >= 0 && found.length < most; i--) {
    if (operator.test(words[i]!)) continue;
    const sign = operator.test(words[i - 1] ?? '') ? [words[i - 1]!] : [];
    const head = words.slice(0, i - sign.length);
    try {
      const last = readQuery([...sign, words.slice(i).join(' ')])[0]!;
      if (found.length && last.picture === undefined) continue; // text: and addresses have no longer reading
      found.push({ before: head.length ? readQuery(head) : [], last });
    } catch {
      // Not yet complete.
    }
  }
  return found;
}

/** Whether what is typed joins the query rather than replaces it. */
export function joins(typed: string): boolean {
  return /^\s*[-+]/.test(typed);
}
