import { defineView } from '../../state/view';

export const collections = defineView({
  name: 'collections',
  title: 'Collections',
  group: 'collection',
  icon: 'M3 5.5A1.5 1.5 0 0 1 4.5 4H8l1.8 2h5.7A1.5 1.5 0 0 1 17 7.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9Z',
  key: 'l',
  help: 'how-to/web-page#collections-and-models',
  needs: 'nothing',
  load: () => import('./Collections.svelte'),
});
