import { edgeGap } from '../../model/queries';
import type { Desk } from './desk';
import { digits, ms, nameOf } from './words';

/** Edges that are told of one entity. */
const MOST = 2;

/** Calls to or from it that take longer outside of the callee: on the network, or waiting to be taken up. */
export async function gatherSlowEdges(desk: Desk): Promise<void> {
  const slow = desk.facts.graph.edges
    .flatMap(({ shift }) => (shift && shift.gapZ >= 3 && shift.gapMs > 0 ? [shift] : []))
    .filter(({ source, target }) => desk.mine(source) !== desk.mine(target))
    .sort((a, b) => added(b) - added(a) || (a.source + a.target < b.source + b.target ? -1 : 1));
  for (const { source, target } of slow.slice(0, MOST)) {
    const call = edgeGap({ ...desk.windows, source, target });
    const frame = await desk.fetch(call);
    const { col } = frame;
    const base = col.baseline_ms[0] ?? Number.NaN;
    const now = col.incident_ms[0] ?? Number.NaN;
    if (!(now > base)) continue;
    const name = `${nameOf(source)} → ${nameOf(target)}`;
    const calls = col.incident_calls[0] ?? 0;
    desk.add({
      stance: 'for',
      claim: `Calls ${name} spend ${ms(now)} outside of the callee (median of ${digits(calls)}: network, queueing), ${ms(base)} before`,
      call,
      frame,
      column: 'incident_ms',
      rows: calls + (col.baseline_calls[0] ?? 0),
      signal: 'spans',
    });
    desk.culprits.push({ kind: 'edge', name, detail: `${ms(base)} → ${ms(now)} on the way` });
  }
}

/** Time that is new, over all calls of the incident, ms. */
const added = ({ gapMs, incident }: { gapMs: number; incident: { n: number } | null }): number =>
  gapMs * (incident?.n ?? 0);
