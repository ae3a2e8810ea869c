import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const tags = defineView({
  name: 'tags',
  title: 'Tags',
  group: 'pictures',
  icon: icons.tag,
  key: 'k',
  help: 'how-to/web-page#tags',
  load: () => import('./Tags.svelte'),
});
