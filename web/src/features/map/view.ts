import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const map = defineView({
  name: 'map',
  title: 'Map',
  group: 'pictures',
  icon: icons.map,
  key: 'm',
  help: 'how-to/map',
  keys: [
    ['← → ↑ ↓', 'move'],
    ['+  −', 'zoom in, zoom out'],
    ['0', 'show everything'],
    ['l', 'lasso, or drag with Shift'],
    ['n  p', 'next and previous cluster'],
    ['Enter', 'show the picture in the middle'],
    ['Esc', 'select nothing'],
  ],
  query: true,
  own: ['at', 'by', 'cluster'],
  full: true,
  load: () => import('./Map.svelte'),
  tab: true,
});
