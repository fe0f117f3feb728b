import type { PanelDef } from '../../ui';

export const metricsPanel: PanelDef = {
  id: 'metrics',
  title: 'Metrics',
  place: 'right',
  load: () => import('./metrics'),
};
