import type { PanelDef } from '../../ui';

export const coveragePanel: PanelDef = {
  id: 'coverage',
  title: 'Coverage',
  place: 'right',
  load: () => import('./coverage'),
};
