import type { PanelDef } from '../../ui';

export const changesPanel: PanelDef = {
  id: 'changes',
  title: 'Changes',
  place: 'right',
  load: () => import('./changes'),
};
