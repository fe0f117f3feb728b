import type { PanelDef } from '../../ui';

export const similarPanel: PanelDef = {
  id: 'similar',
  title: 'Similar',
  place: 'middle',
  load: () => import('./similar'),
};
