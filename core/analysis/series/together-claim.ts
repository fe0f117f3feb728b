import type { TimeWindow } from '../../base';
import type { Evidence, TogetherStretch } from '../../model';
import { seriesBeyond } from '../../model/queries';
import { figureOf, snapshotOf } from '../rca/desk';
import { watched } from '../runner';
import type { FetchFrames } from '../seam';
import { known } from '../stats';
import { queryWindows } from '../windows';

/**
 * The stretch with a claim that anybody can recompute: how many series lie, in the median of its raw samples,
 * beyond all that they were in the baseline.
 */
export async function claimTogether(
  fetch: FetchFrames,
  stretch: TogetherStretch,
  baseline: TimeWindow,
  signal?: AbortSignal,
): Promise<TogetherStretch> {
  const call = seriesBeyond(queryWindows(stretch, baseline));
  const frame = await watched(fetch, call, signal, () => undefined);
  const [beyond, series] = [known(frame.col.beyond[0]), known(frame.col.series[0])];
  const evidence: Evidence = {
    id: 'together',
    stance: 'for',
    claim: `${beyond} of ${series} metric series are beyond all that they were in the baseline.`,
    query: call.query,
    version: call.version,
    params: call.params,
    column: 'beyond',
    value: figureOf(frame, 'beyond'),
    rows: known(frame.col.snap_rows[0]),
    signal: 'samples',
    snapshot: snapshotOf(frame),
  };
  return { ...stretch, evidence };
}
