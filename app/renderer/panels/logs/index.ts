import type { PanelDef } from '../../ui';

export const logsPanel: PanelDef = {
  id: 'logs',
  title: 'Logs',
  place: 'right',
  load: () => import('./logs'),
};
