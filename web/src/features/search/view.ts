import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const search = defineView({
  name: 'search',
  title: 'Search',
  group: 'pictures',
  icon: icons.search,
  key: 's',
  help: 'how-to/web-page#search',
  needs: 'collection',
  query: true,
  wide: true,
  tab: true,
});
