import { defineView } from '../../state/view';

export const probe = defineView({
  name: 'probe',
  title: 'Probe',
  group: 'models',
  icon: 'M8 3h4M9 3v5L4.5 15.2A1.2 1.2 0 0 0 5.5 17h9a1.2 1.2 0 0 0 1-1.8L11 8V3M7 12h6',
  key: 'p',
  help: 'how-to/probe',
  job: 'probe',
  load: () => import('./Probe.svelte'),
});
