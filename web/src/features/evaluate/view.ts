import { defineView } from '../../state/view';

export const evaluate = defineView({
  name: 'evaluate',
  title: 'Evaluate',
  group: 'models',
  icon: 'M3.5 16.5h13M5.5 16.5V10M10 16.5V4M14.5 16.5V7.5',
  key: 'e',
  help: 'how-to/evaluate',
  job: 'eval',
  load: () => import('./Evaluate.svelte'),
});
