import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import { inSample } from '../connect';
import { BatchBuilder, adjustedState, type Batch, type MapData } from '../model';
import {
  entityPulse,
  operationShift,
  serviceErrors,
  serviceLevels,
  traffic,
} from '../model/queries';
import { simulate } from '../simulate';
import { openCaseStore, type CaseStore } from '../store';
import { analyzeCase } from './analyze';
import { checkCase } from './check';

const SPANS = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'resource_id',
  'name',
  'kind',
  'start',
  'duration',
  'status',
  'status_message',
] as const;

const simulation = simulate({ scenario: 'slow-query', seed: 5, size: 'small', sampling: 0.25 });
const batches = [...simulation.batches()];
const { incident } = simulation.hints;
const baseline = simulation.hints.baseline ?? incident;

const spansOf = (): readonly Batch[] => batches.filter(({ table }) => table === 'spans');
const cells = (batch: Batch, at: number): readonly unknown[] =>
  (batch.columns[at] as { data: readonly unknown[] }).data;
const failedTraces = new Set(
  spansOf().flatMap((batch) =>
    [...cells(batch, 8)].flatMap((status, i) =>
      status === 2 ? [cells(batch, 0)[i] as string] : [],
    ),
  ),
);

type Sampler = (trace: string) => number | undefined;

/** The one of so many traces that a head sampler keeps, whatever becomes of them. */
const head =
  (share: number, salt: string): Sampler =>
  (trace) =>
    inSample(`${salt} ${trace}`, share) ? 1 / share : undefined;

/** As a tail sampler: traces with an error whole, and a share of the others. */
const tail =
  (share: number, salt: string): Sampler =>
  (trace) =>
    failedTraces.has(trace) ? 1 : head(share, salt)(trace);

/** The spans that a sampler keeps, which say what they stand for if they `say` it. */
function thinned(sampler: Sampler, say: boolean): readonly Batch[] {
  return spansOf().flatMap((batch) => {
    const { offsets, keys, values } = (batch.columns[10] as { data: MapData }).data;
    const kept = new BatchBuilder('spans');
    for (let row = 0; row < batch.rows; row++) {
      const count = sampler(cells(batch, 0)[row] as string);
      if (count === undefined) continue;
      for (const [at, name] of SPANS.entries()) kept.col[name].push(cells(batch, at)[row] as never);
      for (let i = offsets[row] ?? 0; i < (offsets[row + 1] ?? 0); i++)
        kept.col.attributes.put(keys[i] ?? '', values[i] ?? '');
      if (say) kept.col.attributes.put('otel.trace_state', adjustedState(count));
      kept.col.attributes.end();
      kept.endRow();
    }
    return kept.rows > 0 ? [kept.take()] : [];
  });
}

async function caseOf(spans: readonly Batch[]): Promise<CaseStore> {
  const store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 's' } });
  const identity = { connector: 't', name: 't', endpoint: '', query: '', window: null };
  const writer = await store.beginSource(identity, 1n);
  for (const batch of batches) if (!batch.table.startsWith('span')) writer.add(batch);
  for (const batch of spans) writer.add(batch);
  await writer.finish();
  return store;
}

async function withCase<T>(
  spans: readonly Batch[],
  work: (store: CaseStore) => Promise<T>,
): Promise<T> {
  const store = await caseOf(spans);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

interface Level {
  readonly n: number;
  readonly errors: number;
  readonly p99: number;
  readonly stored: number;
}

async function levels(store: CaseStore): Promise<ReadonlyMap<string, Level>> {
  const services = (await store.entities())
    .filter(({ kind }) => kind === 'service')
    .map(({ id }) => id);
  const { rows, col } = await store.run(
    serviceLevels({ from: incident.from, to: incident.to, services }),
  );
  return new Map(
    Array.from({ length: rows }, (_, i) => [
      col.entity_id[i] ?? '',
      {
        n: col.n[i] ?? 0,
        errors: col.errors[i] ?? 0,
        p99: col.p99_ms[i] ?? 0,
        stored: col.stored[i] ?? 0,
      },
    ]),
  );
}

/** Requests of a trace come together, so that a sample of traces is worth fewer requests. */
const MOST_IN_A_TRACE = 8;
/** Standard deviations that none of the few hundred comparisons leaves by chance. */
const FAR = 4.5;

/** The standard deviation of a count of n that a share of was counted. */
const spread = (n: number, share: number): number =>
  Math.sqrt((MOST_IN_A_TRACE * n * (1 - share)) / share);

const shareOf = ({ n, errors }: Level): number => errors / n;

const inAll = (of: ReadonlyMap<string, Level>): Level =>
  [...of.values()].reduce((a, b) => ({
    n: a.n + b.n,
    errors: a.errors + b.errors,
    p99: Math.max(a.p99, b.p99),
    stored: a.stored + b.stored,
  }));

let full: ReadonlyMap<string, Level>;
beforeAll(async () => {
  full = await withCase(spansOf(), levels);
});

describe('requests of sampled spans', () => {
  const salts = fc.string({ minLength: 1, maxLength: 8 });
  const shares = fc.constantFrom(0.1, 0.2, 0.5);

  it('are those of the system after a tail sampler, errors to the last one', () =>
    fc.assert(
      fc.asyncProperty(salts, shares, async (salt, share) => {
        const found = await withCase(thinned(tail(share, salt), true), levels);
        for (const [service, { n, errors }] of full) {
          const level = found.get(service) ?? { n: 0, errors: 0, p99: 0, stored: 0 };
          const calm = n - errors;
          expect(level.errors).toBe(errors);
          expect(Math.abs(level.n - n)).toBeLessThan(FAR * spread(calm, share) + 1 / share);
        }
      }),
      { numRuns: 4 },
    ));

  it('are those of the system after a head sampler, errors within their own chance', () =>
    fc.assert(
      fc.asyncProperty(salts, shares, async (salt, share) => {
        const found = await withCase(thinned(head(share, salt), true), levels);
        for (const [service, { n, errors }] of full) {
          const level = found.get(service) ?? { n: 0, errors: 0, p99: 0, stored: 0 };
          expect(Math.abs(level.n - n)).toBeLessThan(FAR * spread(n, share) + 1 / share);
          const most = FAR * spread(errors, share) + 3 / share;
          expect(Math.abs(level.errors - errors)).toBeLessThan(most);
        }
      }),
      { numRuns: 4 },
    ));

  it('are far off where no span says what it stands for', async () => {
    const [said, silent] = await Promise.all([
      withCase(thinned(tail(0.1, 'x'), true), levels),
      withCase(thinned(tail(0.1, 'x'), false), levels),
    ]);
    const [whole, right, wrong] = [inAll(full), inAll(said), inAll(silent)];
    expect(shareOf(right) / shareOf(whole)).toBeGreaterThan(0.85);
    expect(shareOf(right) / shareOf(whole)).toBeLessThan(1.15);
    expect(shareOf(wrong)).toBeGreaterThan(1.6 * shareOf(whole));
    expect(wrong.n).toBeLessThan(0.7 * whole.n);
    expect(wrong.n).toBe(right.stored);
  });

  it('have quantiles of the system, not of what a sampler prefers', async () => {
    const { from, to } = incident;
    const middles = async (store: CaseStore): Promise<ReadonlyMap<string, number>> => {
      const { rows, col } = await store.run(traffic({ from, step: to - from, buckets: 1 }));
      return new Map(
        Array.from({ length: rows }, (_, i) => i)
          .filter((i) => (col.stored[i] ?? 0) >= 50)
          .map((i) => [`${col.source[i]} ${col.target[i]}`, col.p50_ms[i] ?? 0]),
      );
    };
    const of = (spans: readonly Batch[]) => withCase(spans, middles);
    const whole = await of(spansOf());
    const off = async (spans: readonly Batch[]): Promise<number> => {
      const each = [...(await of(spans))].map(([key, ms]) =>
        Math.abs(Math.log(ms / (whole.get(key) ?? Number.NaN))),
      );
      return each.reduce((sum, one) => sum + one, 0) / each.length;
    };
    const sampler = tail(0.1, 'x');
    expect(await off(thinned(sampler, true))).toBeLessThan(
      0.5 * (await off(thinned(sampler, false))),
    );
  });
});

const WINDOWS = {
  baseFrom: baseline.from,
  baseTo: baseline.to,
  from: incident.from,
  to: incident.to,
};

describe('tests on sampled spans', () => {
  const sumOf = (values: Float64Array): number => values.reduce((sum, one) => sum + one, 0);

  it('take a head sample for as many spans as it has, whatever they stand for', () =>
    withCase(thinned(head(0.2, 'x'), true), (sampled) =>
      withCase(thinned(head(0.2, 'x'), false), async (plain) => {
        const grid = { from: WINDOWS.baseFrom, step: 60_000_000_000n, buckets: 30 };
        const counted = async (store: CaseStore): Promise<readonly number[]> => {
          const [ops, pulse] = [
            await store.run(operationShift(WINDOWS)),
            await store.run(entityPulse(grid)),
          ];
          return [ops.col.n, ops.col.errors, pulse.col.n, pulse.col.errors].map(sumOf);
        };
        const those = await counted(plain);
        for (const [i, n] of (await counted(sampled)).entries())
          expect(n).toBeCloseTo(those[i] ?? Number.NaN, 6);
        const { col } = await sampled.run(operationShift(WINDOWS));
        expect(new Set([...col.stands_for].map((n) => n.toFixed(6)))).toEqual(
          new Set(['5.000000']),
        );
      }),
    ));

  it('count errors that were kept whole, and draw latency from what is known of it', () =>
    withCase(thinned(tail(0.1, 'x'), true), async (store) => {
      const { col } = await store.run(operationShift(WINDOWS));
      const whole = await withCase(spansOf(), (all) => all.run(operationShift(WINDOWS)));
      expect(sumOf(col.errors)).toBeCloseTo(sumOf(whole.col.errors), 6);
      expect(sumOf(col.own_errors)).toBeCloseTo(sumOf(whole.col.own_errors), 6);
      expect(sumOf(col.log_n)).toBeLessThan(0.2 * sumOf(col.n));
    }));
});

describe('a case of tail-sampled spans', () => {
  let store: CaseStore;
  beforeAll(async () => {
    store = await caseOf(thinned(tail(0.1, 'x'), true));
    await store.setRequest({ incident, baselines: [baseline] });
  });
  afterAll(() => store.close());

  it('says so once, with what the spans stand for', async () => {
    const { notices, counts } = await store.facts();
    const spans = counts.find(({ table }) => table === 'spans')?.rows ?? 0;
    const said = notices.filter(({ code }) => code === 'spans-weighted');
    expect(said).toHaveLength(1);
    expect(said[0]?.message).toMatch(new RegExp(`of ${spans} spans were sampled at a rate`));
  });

  it('is analysed, its rates are the system’s, and its evidence can be recomputed', async () => {
    const { request } = await store.facts();
    const found = await analyzeCase(store, analyze, request, { now: 2n });
    const whole = await withCase(spansOf(), (all) =>
      analyzeCase(all, analyze, request, { now: 2n }),
    );
    expect(found.ranking[0]?.entity.id).toBe(whole.ranking[0]?.entity.id);
    const callsOf = ({ topology }: typeof found): number =>
      topology.nodes.reduce((sum, { incident: now }) => sum + (now?.calls ?? 0), 0);
    expect(callsOf(found) / callsOf(whole)).toBeGreaterThan(0.9);
    expect(callsOf(found) / callsOf(whole)).toBeLessThan(1.1);
    const checks = await checkCase(store);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ state }) => state !== 'holds')).toEqual([]);
  });

  it('has the error share of the system in evidence, and calls of edges as they were', () =>
    withCase(spansOf(), async (whole) => {
      const shift = await whole.run(operationShift(WINDOWS));
      const most = Math.max(...shift.col.own_errors);
      const service = shift.col.service[shift.col.own_errors.indexOf(most)] ?? '';
      const windows = { baseFrom: 0n, baseTo: 1n, from: incident.from, to: incident.to };
      const call = serviceErrors({ ...windows, service });
      const [a, b] = [await store.run(call), await whole.run(call)];
      const ratio = (a.col.incident_ratio[0] ?? 0) / (b.col.incident_ratio[0] ?? 0);
      expect(ratio).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.25);
      const { from, to } = incident;
      const edges = traffic({ from, step: to - from, buckets: 1 });
      const [sampled, all] = [await store.run(edges), await whole.run(edges)];
      const sum = (of: Float64Array): number => of.reduce((n, one) => n + one, 0);
      const calls = sum(sampled.col.n) / sum(all.col.n);
      expect(calls).toBeGreaterThan(0.85);
      expect(calls).toBeLessThan(1.15);
      expect(sum(sampled.col.errors)).toBeCloseTo(sum(all.col.errors), 6);
    }));
});
