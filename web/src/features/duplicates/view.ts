import { defineView } from '../../state/view';

export const duplicates = defineView({
  name: 'duplicates',
  title: 'Duplicates',
  group: 'pictures',
  icon: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  key: 'd',
  help: 'how-to/duplicates',
  job: 'dupes',
  load: () => import('./Duplicates.svelte'),
});
