import { z } from 'zod';
import type { Frame } from '../../model';
import { callOrder, logOrder } from '../../model/queries';
import { defineAnalysis } from '../seam';
import type { OrderShift } from '../shifts';
import { betaBinomialTail, known } from '../stats';
import { queryWindows } from '../windows';

const cite =
  'event-pattern difference: Yu et al., Nezha (FSE 2023); tail of the beta-binomial with the Jeffreys prior';

export const linesInOrder = defineAnalysis({
  id: 'detect.log-order',
  kind: 'detect',
  version: 1,
  title: 'Which log line follows which',
  cite,
  params: z.object({}),
  uses: {},
  inputs: ({ incident, baseline }) => ({ pairs: logOrder(queryWindows(incident, baseline)) }),
  run: ({ frames }) => orderShifts(frames.pairs),
});

export const callsInOrder = defineAnalysis({
  id: 'detect.call-order',
  kind: 'detect',
  version: 1,
  title: 'Which call follows which',
  cite,
  params: z.object({}),
  uses: {},
  inputs: ({ incident, baseline }) => ({ pairs: callOrder(queryWindows(incident, baseline)) }),
  run: ({ frames }) => orderShifts(frames.pairs),
});

type PairFrame = Frame<(typeof logOrder)['def']['columns']>;

/** More of one kind than this tell no more, and cost time. */
const MOST = 200;

/**
 * Every event after which something comes that never came after it in the baseline: how improbable that
 * many are, if the baseline saw none by chance. A shift between successors that are all known is a shift in
 * what was asked for, and says nothing.
 */
export function orderShifts({ col, rows }: PairFrame): readonly OrderShift[] {
  const out: OrderShift[] = [];
  for (let from = 0; from < rows;) {
    let to = from + 1;
    while (to < rows && col.service[to] === col.service[from] && col.a[to] === col.a[from]) to++;
    const shift = shiftOf(col, from, to);
    if (shift) out.push(shift);
    from = to;
  }
  return out;
}

/** Rows [from, to) are the successors of one event. */
function shiftOf(col: PairFrame['col'], from: number, to: number): OrderShift | undefined {
  let [n0, n1, fresh, singles] = [0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    n0 += known(col.baseline[i]);
    n1 += known(col.incident[i]);
    if (known(col.baseline_traces[i]) === 1) singles++;
    if (known(col.baseline[i]) === 0) fresh += known(col.incident[i]);
  }
  if (n0 === 0 || fresh === 0) return undefined;
  let [lost, won] = ['', ''];
  let [fell, rose] = [-Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    const [before, now] = [known(col.baseline[i]), known(col.incident[i])];
    const drop = before / n0 - now / n1;
    if (before > 0 && drop > fell) [fell, lost] = [drop, col.b[i] ?? ''];
    if (before === 0 && now > rose) [rose, won] = [now, col.b[i] ?? ''];
  }
  const n = Math.min(n1, MOST);
  const k = Math.round((fresh * n) / n1);
  const tail = betaBinomialTail(k, n, 0.5, Math.min(n0, MOST) + 0.5);
  const surprise = -Math.log10(Math.max(1e-12, tail));
  return {
    service: col.service[from] ?? '',
    a: col.a[from] ?? '',
    lost,
    won,
    n0,
    n1,
    fresh,
    surprise,
    traces: {
      n0: known(col.a_baseline_traces[from]),
      n1: known(col.a_incident_traces[from]),
      fresh: known(col.a_fresh_traces[from]),
      singles,
    },
  };
}
