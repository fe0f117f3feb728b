import type { PanelDef } from '../../ui';

export const timelinePanel: PanelDef = {
  id: 'timeline',
  title: 'Timeline',
  place: 'top',
  load: () => import('./timeline'),
};
