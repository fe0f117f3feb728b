import type { PanelDef } from '../ui';
import { evidencePanel } from '../panels/evidence/index';
import { changesPanel } from '../panels/changes/index';
import { coveragePanel } from '../panels/coverage/index';
import { explainPanel } from '../panels/explain/index';
import { findingsPanel } from '../panels/findings/index';
import { logsPanel } from '../panels/logs/index';
import { metricsPanel } from '../panels/metrics/index';
import { rowsPanel } from '../panels/rows/index';
import { similarPanel } from '../panels/similar/index';
import { sourcesPanel } from '../panels/sources/index';
import { sqlPanel } from '../panels/sql/index';
import { timelinePanel } from '../panels/timeline/index';
import { topologyPanel } from '../panels/topology/index';
import { tracesPanel } from '../panels/traces/index';

/** Every panel, in the order of the tabs of the default layout. */
export const PANELS: readonly PanelDef[] = [
  timelinePanel,
  topologyPanel,
  findingsPanel,
  sourcesPanel,
  similarPanel,
  evidencePanel,
  metricsPanel,
  logsPanel,
  tracesPanel,
  changesPanel,
  coveragePanel,
  rowsPanel,
  sqlPanel,
  explainPanel,
];
