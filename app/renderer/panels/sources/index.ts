import type { PanelDef } from '../../ui';

export const sourcesPanel: PanelDef = {
  id: 'sources',
  title: 'Sources',
  place: 'middle',
  load: () => import('./sources'),
};
