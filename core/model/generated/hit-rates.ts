import type { ConfidenceBin, HitRate } from '../hit-rates';

/** Written by `faultline bench … --hit-rates`; empty until then. */
export const HIT_RATES: readonly HitRate[] = [];

export const CONFIDENCE_BINS: readonly ConfidenceBin[] = [];
