import type { PanelDef } from '../../ui';

export const topologyPanel: PanelDef = {
  id: 'topology',
  title: 'Topology',
  place: 'left',
  load: () => import('./topology'),
};
