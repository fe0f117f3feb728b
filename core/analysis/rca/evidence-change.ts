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
  const what = change.title || `${change.kind} ${change.version}`;
  const held = contrastFor(desk.facts, change);
  // What its canary shows counts, not when it came.
  if (held && isCleared(held)) {
    await besideOthers(desk, what, held);
    return undefined;
  }
  const call = changeAt({ entity: change.entityId, from: change.ts, to: change.ts + 1n });
  const frame = await desk.fetch(call);
  const lead = onset - Number(change.ts / 1_000_000n);
  const stance = lead >= -GRACE_MS ? 'for' : 'against';
  const when = lead >= 0 ? `${secondsText(lead)} before` : `${secondsText(-lead)} after`;
  const claim = `${what} at ${clock(Number(change.ts / 1_000_000n))}, ${when} its first anomaly`;
  desk.add({ stance, claim, call, frame, column: 'title', rows: 1, signal: 'changes' });
  if (stance === 'against') return undefined;
  if (held) await besideOthers(desk, what, held);
  desk.culprits.push({ kind: 'change', name: what, detail: when });
  return change;
}

const isCleared = ({ mode, cleared }: ChangeContrast): boolean => mode === 'canary' && cleared > 0;

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

/** How the versions that came with a change do beside those that stayed: worse, no worse, or too few to tell. */
async function besideOthers(desk: Desk, what: string, held: ChangeContrast): Promise<void> {
  const { service, fresh, kept, mode, guilt } = held;
  if (fresh.length === 0 || kept.length === 0) return;
  const { from, to } = desk.facts.incident;
  const call = versionLevel({ from, to, service, fresh: [...fresh], kept: [...kept] });
  const frame = await desk.fetch(call);
  const of = (name: keyof typeof frame.col): number => Number(frame.col[name][0] ?? Number.NaN);
  if (!(of('fresh_spans') > 0) || !(of('kept_spans') > 0)) return;
  const rows = of('fresh_spans') + of('kept_spans');
  const level = (side: 'fresh' | 'kept'): string =>
    `${ms(of(`${side}_ms`))} (median of ${digits(of(`${side}_spans`))}) and ${percent(of(`${side}_ratio`))} failed by itself`;
  if (mode !== 'canary') {
    const claim = `${what}: ${digits(of('fresh_spans'))} requests of ${list(fresh)} beside ${digits(of('kept_spans'))} of ${list(kept)} are too few to tell whether it is worse`;
    const column = 'fresh_spans';
    desk.add({ stance: 'missing', claim, call, frame, column, rows, signal: 'spans' });
    return;
  }
  const how = guilt > 0 ? 'does worse than' : 'does no worse than';
  const claim = `${what}: ${list(fresh)} ${how} ${list(kept)} beside it: ${level('fresh')}, against ${level('kept')}`;
  const fails = of('fresh_ratio') > of('kept_ratio') + 0.01;
  const column = fails ? 'fresh_ratio' : 'fresh_ms';
  const stance = guilt > 0 ? 'for' : 'against';
  desk.add({ stance, claim, call, frame, column, rows, signal: 'spans' });
}
