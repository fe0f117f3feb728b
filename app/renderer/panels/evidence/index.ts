import type { PanelDef } from '../../ui';

export const evidencePanel: PanelDef = {
  id: 'evidence',
  title: 'Evidence',
  place: 'right',
  load: () => import('./evidence'),
};
