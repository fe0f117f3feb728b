import type { PanelDef } from '../../ui';

export const sqlPanel: PanelDef = {
  id: 'sql',
  title: 'SQL',
  place: 'right',
  load: () => import('./sql'),
};
