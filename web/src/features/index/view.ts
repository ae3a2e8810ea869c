import { defineView } from '../../state/view';

export const index = defineView({
  name: 'index',
  title: 'Add pictures',
  short: 'Add',
  group: 'collection',
  icon: 'M3 5.5A1.5 1.5 0 0 1 4.5 4H8l1.8 2h5.7A1.5 1.5 0 0 1 17 7.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9ZM10 8.6v5M7.5 11.1h5',
  key: 'n',
  help: 'how-to/web-page#add-pictures',
  needs: 'nothing',
  load: () => import('./Index.svelte'),
});
