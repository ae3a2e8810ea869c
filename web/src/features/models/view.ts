import { defineView } from '../../state/view';

export const models = defineView({
  name: 'models',
  title: 'Models',
  group: 'collection',
  icon: 'm10 2.8 6.5 3.6v7.2L10 17.2l-6.5-3.6V6.4L10 2.8ZM3.5 6.4 10 10l6.5-3.6M10 10v7.2',
  key: 'o',
  help: 'how-to/models',
  needs: 'nothing',
  load: () => import('./Models.svelte'),
});
