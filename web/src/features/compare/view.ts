import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const compare = defineView({
  name: 'compare',
  title: 'Compare',
  group: 'pictures',
  icon: icons.compare,
  key: 'c',
  help: 'how-to/web-page#compare',
  query: true,
  load: () => import('./Compare.svelte'),
  tab: true,
});
