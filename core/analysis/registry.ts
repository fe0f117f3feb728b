import { Registry } from '../base';
import { clockOffsets } from './clocks/offsets';
import { logAnomalies } from './logs/anomalies';
import { fusion } from './rca/fuse';
import { closureOf } from './runner';
import type { Analysis } from './seam';
import { seriesAlike, seriesClusters, seriesEvents, seriesTogether } from './series/analyses';
import { windows } from './windows';

/**
 * Every analysis of the program: those that a ranking needs, those that it needs in turn, those that stand
 * beside it, and those that are asked about single series.
 */
export const analyses = new Registry<Analysis>('analysis');
for (const analysis of [
  windows,
  ...closureOf(fusion),
  logAnomalies,
  ...closureOf(clockOffsets),
  seriesEvents,
  seriesAlike,
  seriesClusters,
  seriesTogether,
])
  analyses.register(analysis);
