/** What pictures are browsed by: as in the link, and in a request. The first is the default. */
export const sorts = [
  { value: '', label: 'Added first' },
  { value: '-added', label: 'Added last' },
  { value: '-date', label: 'Newest' },
  { value: 'date', label: 'Oldest' },
  { value: 'name', label: 'Name, A to Z' },
  { value: '-name', label: 'Name, Z to A' },
  { value: '-size', label: 'Largest files' },
  { value: 'size', label: 'Smallest files' },
  { value: '-pixels', label: 'Most pixels' },
  { value: 'pixels', label: 'Fewest pixels' },
] as const;

export type Sort = (typeof sorts)[number]['value'];

export function readSort(params: URLSearchParams): Sort {
  return sorts.find((s) => s.value === params.get('sort'))?.value ?? '';
}

const months = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The month of a date, which is that of the camera's clock: "July 2024". */
export function monthOf(date?: string): string {
  const at = new Date(`${date ?? ''}Z`);
  return Number.isNaN(at.getTime()) ? 'No date' : months.format(at);
}
