import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const explain = defineView({
  name: 'explain',
  title: 'Explain',
  group: 'pictures',
  icon: icons.explain,
  key: 'x',
  help: 'how-to/explain-a-score',
  load: () => import('./Explain.svelte'),
});
