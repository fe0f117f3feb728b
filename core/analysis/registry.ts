import { Registry } from '../base';
import { fusion } from './rca/fuse';
import { closureOf } from './runner';
import type { Analysis } from './seam';
import { seriesAlike, seriesClusters, seriesEvents } from './series/analyses';
import { windows } from './windows';

/**
 * Every analysis of the program: those that a ranking needs, those that it needs in turn, and those that are
 * asked about single series.
 */
export const analyses = new Registry<Analysis>('analysis');
for (const analysis of [windows, ...closureOf(fusion), seriesEvents, seriesAlike, seriesClusters])
  analyses.register(analysis);
