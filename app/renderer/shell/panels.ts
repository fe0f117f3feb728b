import type { PanelDef } from '../ui';
import { evidencePanel } from '../panels/evidence/index';
import { findingsPanel } from '../panels/findings/index';
import { rowsPanel } from '../panels/rows/index';
import { sqlPanel } from '../panels/sql/index';

/** Every panel, in the order of the tabs of the default layout. */
export const PANELS: readonly PanelDef[] = [findingsPanel, evidencePanel, rowsPanel, sqlPanel];
