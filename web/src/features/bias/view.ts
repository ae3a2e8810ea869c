import { defineView } from '../../state/view';

export const bias = defineView({
  name: 'bias',
  title: 'Bias',
  group: 'models',
  icon: 'M10 3.5v13M6 16.5h8M4 6h12M4 6l-2 5h4L4 6Zm12 0-2 5h4l-2-5Z',
  key: 'b',
  help: 'how-to/language-bias',
  job: 'bias',
  load: () => import('./Bias.svelte'),
});
