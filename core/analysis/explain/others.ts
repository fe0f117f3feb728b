import type { Frame } from '../../model';
import type { explainEvents, explainLogs, explainMetrics } from '../../model/queries';
import { TemplateMiner } from '../logs/templates';
import { FEWEST, noveltyOf, orNull, type Found } from './found';
import { effective, means, rates, type Moments } from './stats';

type MetricFrame = Frame<(typeof explainMetrics)['def']['columns']>;
type LogFrame = Frame<(typeof explainLogs)['def']['columns']>;
type EventFrame = Frame<(typeof explainEvents)['def']['columns']>;

/** Lengths of both sides, s. */
export interface Lengths {
  readonly reference: number;
  readonly selected: number;
}

/** Series by their level: robust deviations of the median, significance by means and inertia. */
export function metricDifferences({ rows, col }: MetricFrame): Found[] {
  const found: Found[] = [];
  for (let i = 0; i < rows; i++) {
    const [n0, n1] = [col.n0[i] ?? 0, col.n1[i] ?? 0];
    if (n0 < FEWEST || n1 < 2) continue;
    const [med0, med1] = [col.med0[i] ?? 0, col.med1[i] ?? 0];
    const floor = Math.max(0.05 * Math.abs(med0), 0.02 * Math.abs(med1), 1e-9);
    const moments = (n: number, mean: number, sd: number, r: number): Moments => {
      const count = effective(n, r);
      return {
        n: Math.max(2, count),
        sum: Math.max(2, count) * mean,
        sq: Math.max(2, count) * (sd * sd + mean * mean),
      };
    };
    const at = (column: Float64Array): number => column[i] ?? Number.NaN;
    const { p } = means(
      moments(n0, at(col.mean0), at(col.sd0), at(col.r0)),
      moments(n1, at(col.mean1), at(col.sd1), at(col.r1)),
      floor,
    );
    const spread = Math.max(1.4826 * at(col.mad0), 0.5 * at(col.sd0), floor);
    found.push({
      signal: 'metric',
      measure: 'level',
      novelty: 'changed',
      entityId: col.entity_id[i] ?? '',
      name: col.metric[i] ?? '',
      reference: orNull(med0),
      selected: orNull(med1),
      unit: col.unit[i] ?? '',
      support: { reference: n0, selected: n1 },
      seriesId: col.series_id[i] ?? 0n,
      effect: (med1 - med0) / spread,
      p,
      notable: false,
    });
  }
  return found;
}

const ERROR = 17;

/** Log lines by template: shapes that the query counted, brought together by the miner of templates. */
export function logDifferences({ rows, col }: LogFrame, lengths: Lengths): Found[] {
  interface Group {
    readonly entityId: string;
    readonly template: string;
    severity: number;
    n0: number;
    n1: number;
    first: number;
  }
  const miner = new TemplateMiner();
  const patterns = Array.from({ length: rows }, (_, i) => miner.add(col.shape[i] ?? ''));
  const groups = new Map<string, Group>();
  patterns.forEach((pattern, i) => {
    const template = miner.templateOf(pattern);
    const entityId = col.entity_id[i] ?? '';
    const key = `${entityId}\u0001${template}`;
    const none = { entityId, template, severity: 0, n0: 0, n1: 0, first: Infinity };
    const group: Group = groups.get(key) ?? none;
    groups.set(key, group);
    group.n0 += col.n0[i] ?? 0;
    group.n1 += col.n1[i] ?? 0;
    group.severity = Math.max(group.severity, col.severity[i] ?? 0);
    const first = col.first1[i] ?? Number.NaN;
    if (first < group.first) group.first = first;
  });
  return [...groups.values()].map(({ entityId, template, severity, n0, n1, first }): Found => {
    const [reference, selected] = [n0 / lengths.reference, n1 / lengths.selected];
    return {
      signal: 'log-template',
      measure: 'rate',
      novelty: noveltyOf(n0, n1),
      entityId,
      name: template,
      reference: orNull(reference),
      selected: orNull(selected),
      unit: '/s',
      support: { reference: n0, selected: n1 },
      ...(Number.isFinite(first) ? { at: BigInt(Math.round(first)) * 1_000_000n } : {}),
      ...rates({ k: n0, seconds: lengths.reference }, { k: n1, seconds: lengths.selected }),
      notable: severity >= ERROR && n1 > 0,
    };
  });
}

/** Alerts by their rate; changes by how near to the start of the selection they are, for their frequency. */
export function eventDifferences(
  { rows, col }: EventFrame,
  lengths: Lengths,
  range: { readonly from: bigint; readonly selectedFrom: bigint; readonly selectedTo: bigint },
): Found[] {
  const all = Array.from({ length: rows }, (_, i) => i);
  const changes = all.filter((i) => col.signal[i] === 'change');
  const seconds = Number(range.selectedTo - range.from) / 1e9;
  return all.flatMap((i): Found[] => {
    const [entityId, name, ts] = [col.entity_id[i] ?? '', col.name[i] ?? '', col.ts[i] ?? 0n];
    if (col.signal[i] === 'alert') {
      const [k0, k1] = [col.n0[i] ?? 0, col.n1[i] ?? 0];
      return [
        {
          signal: 'alert',
          measure: 'rate',
          novelty: noveltyOf(k0, k1),
          entityId,
          name,
          reference: k0 / lengths.reference,
          selected: k1 / lengths.selected,
          unit: '/s',
          support: { reference: k0, selected: k1 },
          at: ts,
          ...rates({ k: k0, seconds: lengths.reference }, { k: k1, seconds: lengths.selected }),
          notable: k1 > 0,
        },
      ];
    }
    const away = Math.abs(Number(range.selectedFrom - ts)) / 1e9;
    const reach = lengths.selected;
    if (ts < range.selectedFrom && away > reach) return [];
    const p = 1 - Math.exp((-changes.length * Math.max(1, 2 * away)) / Math.max(1, seconds));
    return [
      {
        signal: 'change',
        measure: 'event',
        novelty: 'new',
        entityId,
        name,
        reference: 0,
        selected: 1,
        unit: '',
        support: { reference: 0, selected: 1 },
        at: ts,
        effect: -Math.log10(Math.max(1e-6, p)),
        p,
        notable: false,
      },
    ];
  });
}
