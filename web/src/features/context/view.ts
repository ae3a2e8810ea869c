import { defineView } from '../../state/view';

export const context = defineView({
  name: 'context',
  title: 'Context',
  group: 'models',
  icon: 'm10 3 7 3.5-7 3.5-7-3.5L10 3ZM3 10l7 3.5 7-3.5M3 13.5 10 17l7-3.5',
  key: 't',
  help: 'how-to/language-bias#what-holds-a-pair-together',
  job: 'context',
  formerlyIn: 'bias',
  load: () => import('./Context.svelte'),
});
