import { defineView } from '../../state/view';

export const map = defineView({
  name: 'map',
  title: 'Map',
  group: 'pictures',
  icon: 'M5 6.5a.6.6 0 1 0 0-.01M9 4.5a.6.6 0 1 0 0-.01M7.5 9a.6.6 0 1 0 0-.01M14.5 8a.6.6 0 1 0 0-.01M12 13.5a.6.6 0 1 0 0-.01M15.5 14a.6.6 0 1 0 0-.01M13.5 16.5a.6.6 0 1 0 0-.01M5 15a.6.6 0 1 0 0-.01',
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
