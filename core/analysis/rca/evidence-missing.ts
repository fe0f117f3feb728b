import { entitiesStopped, sampledRows, seriesStopped, signalRows } from '../../model/queries';
import type { EntityCover } from '../detect/coverage';
import type { Desk } from './desk';
import { digits, list } from './words';

const SIGNALS = ['spans', 'logs', 'samples'] as const;
type Recorded = (typeof SIGNALS)[number];

const WORDS: Readonly<Record<Recorded, string>> = {
  spans: 'spans',
  logs: 'log lines',
  samples: 'metric samples',
};

/** What is not there, or stops, or has gaps, or was left out: each as a claim that can be counted again. */
export async function gatherMissing(desk: Desk): Promise<void> {
  for (const signal of SIGNALS) await missingSignal(desk, signal);
  await stoppedSeries(desk);
  for (const signal of ['spans', 'logs'] as const) await sampled(desk, signal);
  const { changes, alerts } = desk.facts;
  if (changes.length === 0)
    await missingRows(desk, 'changes', 'No change is recorded in this case');
  if (alerts.length === 0) await missingRows(desk, 'alerts', 'No alert is recorded in this case');
}

async function missingSignal(desk: Desk, signal: Recorded): Promise<void> {
  const word = WORDS[signal];
  const all =
    (desk.coverage.rows.get(`${signal}/0`) ?? 0) + (desk.coverage.rows.get(`${signal}/1`) ?? 0);
  if (all === 0) return missingRows(desk, signal, `No ${word} in either window`);
  const claim = claimOf(coverOf(desk, signal), word, desk);
  if (claim !== undefined) await missingRows(desk, signal, claim, desk.ids);
}

function claimOf({ rows, seconds }: EntityCover, word: string, desk: Desk): string | undefined {
  if (rows[0] === 0 && rows[1] === 0) return `No ${word} of its own in either window`;
  if (rows[1] === 0) return `Its ${word} stop: none in the incident, ${digits(rows[0])} before`;
  if (rows[0] === 0) return `No ${word} of it before the incident to compare with`;
  const length = (window: { from: bigint; to: bigint }): number =>
    Number(window.to - window.from) / 1e9;
  const [before, now] = [length(desk.facts.baseline), length(desk.facts.incident)];
  const expected = (seconds[0] / before) * now;
  if (expected < LEAST_SECONDS || seconds[1] >= expected * GAP) return undefined;
  return `Its ${word} have gaps: ${digits(seconds[1])} of ${digits(now)} s of the incident have any, ${digits(seconds[0])} of ${digits(before)} s before`;
}

/** Seconds with rows that the baseline leads to expect, from which fewer are a gap. */
const LEAST_SECONDS = 10;
/** Less than this share of them is a gap. */
const GAP = 0.5;

/** Rows of the entity and of what folds into it; seconds of the one that has most. */
function coverOf(desk: Desk, signal: Recorded): EntityCover {
  const rows: [number, number] = [0, 0];
  const seconds: [number, number] = [0, 0];
  for (const id of desk.ids) {
    const own = desk.coverage.entities.get(`${id}/${signal}`);
    for (const win of [0, 1] as const) {
      rows[win] += own?.rows[win] ?? 0;
      seconds[win] = Math.max(seconds[win], own?.seconds[win] ?? 0);
    }
  }
  return { rows, seconds };
}

async function missingRows(
  desk: Desk,
  signal: Recorded | 'changes' | 'alerts',
  claim: string,
  entities: readonly string[] = [],
): Promise<void> {
  const call = signalRows({ ...desk.windows, signal, entities: [...entities] });
  const frame = await desk.fetch(call);
  const rows = (frame.col.incident_rows[0] ?? 0) + (frame.col.baseline_rows[0] ?? 0);
  desk.add({
    stance: 'missing',
    claim,
    call,
    frame,
    column: 'incident_rows',
    rows,
    signal: 'coverage',
  });
}

/** Fewer samples than this are not expected of a series that may just have been slow. */
const EXPECTED = 5;

async function stoppedSeries(desk: Desk): Promise<void> {
  const cover = coverOf(desk, 'samples');
  // Without any in the incident that is said already.
  if (cover.rows[0] === 0 || cover.rows[1] === 0) return;
  const stoppedAnywhere = await desk.fetch(
    entitiesStopped({ ...desk.windows, expected: EXPECTED }),
  );
  if (!stoppedAnywhere.col.entity_id.some((id) => desk.ids.includes(id))) return;
  const call = seriesStopped({ ...desk.windows, entities: [...desk.ids], expected: EXPECTED });
  const frame = await desk.fetch(call);
  const { stopped, series, metrics } = frame.col;
  const gone = stopped[0] ?? 0;
  if (!(gone > 0)) return;
  const names = list((metrics[0] ?? '').split(', '), 2);
  const claim = `${digits(gone)} of its ${digits(series[0] ?? 0)} metric series have no sample in the incident: ${names}`;
  desk.add({
    stance: 'missing',
    claim,
    call,
    frame,
    column: 'stopped',
    rows: gone,
    signal: 'coverage',
  });
}

async function sampled(desk: Desk, signal: 'spans' | 'logs'): Promise<void> {
  const { from, to } = desk.facts.incident;
  const call = sampledRows({ from, to, signal });
  const frame = await desk.fetch(call);
  const [kept, total] = [frame.col.kept[0] ?? 0, frame.col.total[0] ?? 0];
  if (!(total > kept)) return;
  const claim = `Of ${digits(total)} ${WORDS[signal]} that the sources had, ${digits(kept)} were kept`;
  desk.add({
    stance: 'missing',
    claim,
    call,
    frame,
    column: 'kept',
    rows: kept,
    signal: 'coverage',
  });
}
