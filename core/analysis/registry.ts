import { Registry } from '../base';
import { fusion } from './rca/fuse';
import { closureOf } from './runner';
import type { Analysis } from './seam';
import { windows } from './windows';

/** Every analysis of the program: those that a ranking needs, and those that it needs in turn. */
export const analyses = new Registry<Analysis>('analysis');
for (const analysis of [windows, ...closureOf(fusion)]) analyses.register(analysis);
