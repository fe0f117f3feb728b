import type { TimeWindow } from '../../base';
import type { AnalysisRequest } from '../../model';
import { coveredSeconds } from '../../model/queries';
import type { CaseStore } from '../../store';
import type { TaskOptions } from '../task';
import { answer } from './answer';
import type { Silence } from './outcome';
import type { QuietCut, QuietKind } from './quiet';

/** Draws of a stretch: one may fall where nothing was recorded. */
const DRAWS = 5;

/** Nobody noticed anything. */
const CALM = { symptom: undefined, symptomMetric: undefined } as const;

interface Asked {
  readonly id: string;
  readonly kind: QuietKind;
  readonly request: AnalysisRequest;
  /** Gives a stretch, another one each time. */
  readonly draw: () => QuietCut | undefined;
}

/** Asks about a quiet stretch as if it were an incident; undefined where none has rows on both sides. */
export async function silenceOf(
  store: CaseStore,
  { id, kind, request, draw }: Asked,
  options: TaskOptions,
): Promise<Silence | undefined> {
  for (let i = 0; i < DRAWS; i++) {
    const cut = draw();
    if (!cut) return undefined;
    if (!(await isCovered(store, cut))) continue;
    const asked = { ...request, ...CALM, incident: cut.incident, baselines: [cut.baseline] };
    const { result, fused } = await answer(store, asked, options);
    const top = result.ranking[0];
    return {
      id,
      kind,
      silent: result.verdict !== 'ranked',
      top: top?.entity.name ?? null,
      confidence: top?.confidence ?? null,
      features: fused.ranking[0]?.features ?? [],
      trouble: fused.trouble,
    };
  }
  return undefined;
}

/** Both stretches can be compared: silence for want of rows proves nothing. */
async function isCovered(
  store: CaseStore,
  cut: { readonly incident: TimeWindow; readonly baseline: TimeWindow },
): Promise<boolean> {
  const { rows, col } = await store.run(
    coveredSeconds({
      baseFrom: cut.baseline.from,
      baseTo: cut.baseline.to,
      from: cut.incident.from,
      to: cut.incident.to,
    }),
  );
  const before = new Set<string>();
  const now = new Set<string>();
  for (let i = 0; i < rows; i++) {
    if ((col.rows[i] ?? 0) > 0) (col.win[i] === 1 ? now : before).add(col.signal[i] ?? '');
  }
  return comparable(before, now);
}

/**
 * Both hold the traces and the logs that either holds; of metrics, which may come once a minute and whose
 * usual is looked for further back, only where there is nothing else.
 */
export function comparable(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  const told = ['spans', 'logs'].filter((signal) => before.has(signal) || now.has(signal));
  const needed = told.length > 0 ? told : ['samples'];
  return needed.every((signal) => before.has(signal) && now.has(signal));
}
