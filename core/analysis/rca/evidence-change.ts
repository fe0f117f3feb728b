import { secondsText } from '../../model';
import { changeAt, versionLevel } from '../../model/queries';
import type { ChangeContrast } from '../correlate/change-contrast';
import type { ChangeFact } from '../shifts';
import { contrastFor } from './change-impact';
import type { Desk } from './desk';
import { clock, digits, list, ms, percent } from './words';

/** An anomaly is dated to a bucket: a change this long after it, ms, may still be before it. */
const GRACE_MS = 60_000;

/** The change that most likely did it, for or against; undefined where none speaks for it. */
export async function gatherChange(desk: Desk): Promise<ChangeFact | undefined> {
  const { onsets, incident } = desk.facts;
  const onset = onsets.get(desk.entityId) ?? Number(incident.from / 1_000_000n);
  const change = likeliest(desk, onset);
  if (!change) return undefined;
  const call = changeAt({ entity: change.entityId, from: change.ts, to: change.ts + 1n });
  const frame = await desk.fetch(call);
  const lead = onset - Number(change.ts / 1_000_000n);
  const what = change.title || `${change.kind} ${change.version}`;
  const held = contrastFor(desk.facts, change);
  const cleared = held?.mode === 'canary' && held.cleared > 0;
  const stance = lead >= -GRACE_MS && !cleared ? 'for' : 'against';
  const when = lead >= 0 ? `${secondsText(lead)} before` : `${secondsText(-lead)} after`;
  const claim = `${what} at ${clock(Number(change.ts / 1_000_000n))}, ${when} its first anomaly`;
  desk.add({ stance, claim, call, frame, column: 'title', rows: 1, signal: 'changes' });
  if (held?.mode === 'canary') await besideOthers(desk, what, held);
  if (stance === 'against') return undefined;
  desk.culprits.push({ kind: 'change', name: what, detail: when });
  return change;
}

/** Of the entity's changes of late: the one that is held to be guilty, else the last before its trouble. */
function likeliest(desk: Desk, onset: number): ChangeFact | undefined {
  const { facts } = desk;
  const { changes, incident } = facts;
  const length = incident.to - incident.from;
  const recent = changes.filter(
    ({ entityId, ts }) =>
      desk.mine(entityId) && ts >= incident.from - 2n * length && ts < incident.to,
  );
  const before = recent.filter(({ ts }) => Number(ts / 1_000_000n) <= onset + GRACE_MS);
  const merit = (change: ChangeFact): number => {
    const held = contrastFor(facts, change);
    return held ? held.guilt - held.cleared : 0;
  };
  const [best] = before.reverse().sort((a, b) => merit(b) - merit(a));
  return best ?? recent[0];
}

/** How the versions that came with a change do beside those that stayed. */
async function besideOthers(
  desk: Desk,
  what: string,
  { service, fresh, kept, guilt, cleared }: ChangeContrast,
): Promise<void> {
  const { from, to } = desk.facts.incident;
  const call = versionLevel({ from, to, service, fresh: [...fresh], kept: [...kept] });
  const frame = await desk.fetch(call);
  const of = (name: keyof typeof frame.col): number => Number(frame.col[name][0] ?? Number.NaN);
  const rows = of('fresh_spans') + of('kept_spans');
  const stance = guilt > 0 ? 'for' : cleared > 0 ? 'against' : undefined;
  if (stance === undefined || !(of('fresh_spans') > 0) || !(of('kept_spans') > 0)) return;
  const level = (side: 'fresh' | 'kept'): string =>
    `${ms(of(`${side}_ms`))} (median of ${digits(of(`${side}_spans`))}) and ${percent(of(`${side}_ratio`))} failed by itself`;
  const how = stance === 'for' ? 'does worse than' : 'does no worse than';
  const claim = `${what}: ${list(fresh)} ${how} ${list(kept)} beside it: ${level('fresh')}, against ${level('kept')}`;
  const fails = of('fresh_ratio') > of('kept_ratio') + 0.01;
  const column = fails ? 'fresh_ratio' : 'fresh_ms';
  desk.add({ stance, claim, call, frame, column, rows, signal: 'spans' });
}
