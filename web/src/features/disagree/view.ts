import { defineView } from '../../state/view';

export const disagree = defineView({
  name: 'disagree',
  title: 'Disagreement',
  short: 'Disagree',
  group: 'models',
  icon: 'M10 17v-5L4.5 5M10 12l5.5-7M4 9V4.5h4.5M16 9V4.5h-4.5',
  key: 'i',
  help: 'how-to/language-bias#where-models-disagree',
  job: 'disagree',
  formerlyIn: 'compare',
  load: () => import('./Disagree.svelte'),
});
