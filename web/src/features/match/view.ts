import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const match = defineView({
  name: 'match',
  title: 'Match',
  group: 'pictures',
  icon: icons.match,
  key: 'r',
  help: 'parts',
  job: 'parts',
  load: () => import('./Match.svelte'),
});
