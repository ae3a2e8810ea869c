import { defineView } from '../../state/view';

export const advice = defineView({
  name: 'advice',
  title: 'Advice',
  group: 'models',
  icon: 'm10 3 2.1 4.5 4.9.6-3.6 3.4.9 4.9-4.3-2.4-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z',
  key: 'a',
  help: 'how-to/evaluate#which-model-at-what-cost',
  job: 'advise',
  formerlyIn: 'evaluate',
  load: () => import('./Advice.svelte'),
});
