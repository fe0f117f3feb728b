import type { ComponentType } from 'react';

/** A panel of the workbench: lazily loaded, docked by the shell. Panels meet only in the store. */
export interface PanelDef {
  readonly id: string;
  readonly title: string;
  /** Where it stands in the default layout. */
  readonly place: 'top' | 'left' | 'middle' | 'right';
  /** Must resolve to a default export. */
  load(): Promise<{ readonly default: ComponentType }>;
}
