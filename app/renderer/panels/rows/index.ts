import type { PanelDef } from '../../ui';

export const rowsPanel: PanelDef = {
  id: 'rows',
  title: 'Rows',
  place: 'right',
  load: () => import('./rows'),
};
