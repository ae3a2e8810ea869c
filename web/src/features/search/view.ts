import { icons } from '../../parts/icons';
import { defineView } from '../../state/view';

export const search = defineView({
  name: 'search',
  title: 'Search',
  group: 'pictures',
  icon: icons.search,
  key: 's',
  needs: 'collection',
  query: true,
  wide: true,
  tab: true,
});
