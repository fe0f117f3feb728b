import type { PanelDef } from '../../ui';

export const tracesPanel: PanelDef = {
  id: 'traces',
  title: 'Traces',
  place: 'right',
  load: () => import('./traces'),
};
