import type { ViewName } from '../src/views.ts';

/** Faults that are there and known, by view, as the start of what is told: each is to be mended, and its line to go. */
const known: Partial<Record<ViewName, string[]>> = {
  search: [
    'focus: input “Picture name, address or text”',
    'target: input in entry',
    'target: button.always',
    'target: button.act',
    'overlap: bdi.name',
    'cut: input “Add a picture',
  ],
  compare: [
    'focus: input “Picture name, address or text”',
    'target: input in entry',
    'target: button.act',
    'cut: input “Add a picture',
  ],
};

export function isKnown(view: ViewName, fault: string): boolean {
  return known[view]?.some((start) => fault.startsWith(start)) ?? false;
}
