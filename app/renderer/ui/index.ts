export { Bar, Button, Empty, Failure, Grow, Kbd, Skeleton, Tag, Toolbar } from './widgets';
export { Dialog } from './dialog';
export { MenuHost, openMenu } from './menu';
export type { MenuItems } from './menu';
export { backendItems } from './row-links';
export { OpenIn } from './open-in';
export type { MenuItem } from './menu';
export { ENTITY_ICON, EntityName, KIND_WORD, entityMenu } from './entity';
export { Time, useTimeText } from './time';
export type { PanelDef } from './panel';
export {
  formatAgo,
  formatBytes,
  formatCount,
  formatDate,
  formatDateTime,
  formatDurationNs,
  formatMs,
  formatNumber,
  formatOffset,
  formatPercent,
  formatTime,
  formatUnit,
  plural,
} from './format';
export type { TimePrecision } from './format';
export { amountText } from './job-text';
export { useGrowing } from './use-growing';
export { Sparkline } from './sparkline';
export type { SparkPoint } from './sparkline';
export { ResultTable } from './result-table';
export { colourScale } from './palette';
export { Chart, tokenOf } from './chart';
export { useColors } from './colors';
export type { Colors } from './colors';
export { Graph } from './graph';
export type { GraphElement, GraphEvents, GraphPoint, GraphStyle } from './graph';
export { glyph } from './glyph';
