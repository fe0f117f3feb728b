import type { Analysis } from '../seam';
import { alertRarity } from './alert-rarity';
import { changeImpact } from './change-impact';
import { errorOrigin } from './error-origin';
import { graphWalk } from './graph-walk';
import { hostRollUp } from './host-roll-up';
import { logNovelty } from './log-novelty';
import { brokenOrder } from './broken-order';
import type { MethodResult } from './method';
import { metricFlow } from './metric-flow';
import { metricRoot } from './metric-root';
import { selfTime } from './self-time';
import { slowLinks } from './slow-links';
import { symptomTrace } from './symptom-trace';
import { undelivered } from './undelivered';

/** The ranking methods, in the order in which they are shown. A new one is a line here. */
export const METHODS: readonly Analysis<MethodResult>[] = [
  selfTime,
  errorOrigin,
  metricRoot,
  metricFlow,
  logNovelty,
  brokenOrder,
  undelivered,
  changeImpact,
  hostRollUp,
  slowLinks,
  graphWalk,
  symptomTrace,
  alertRarity,
];
