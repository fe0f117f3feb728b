import type { PanelDef } from '../../ui';

export const findingsPanel: PanelDef = {
  id: 'findings',
  title: 'Findings',
  place: 'middle',
  load: () => import('./findings'),
};
