import type { PanelDef } from '../../ui';

export const explainPanel: PanelDef = {
  id: 'explain',
  title: 'Explain',
  place: 'right',
  load: () => import('./explain'),
};
