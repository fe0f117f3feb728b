import { afterEach, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { BatchBuilder, type Batch } from '../model';
import { openCaseStore, type CaseStore } from '../store';
import { estimateClocks } from './clocks';

const START = 1_795_269_600_000_000_000n;
const S = 1_000_000_000n;

let store: CaseStore;
afterEach(() => store.close());

async function caseOf(sources: readonly (readonly Batch[])[]): Promise<void> {
  const engine = await openNativeEngine({ path: ':memory:' });
  store = await openCaseStore(engine, { now: 1n, create: { name: 'anchors' } });
  for (const [at, batches] of sources.entries()) {
    const identity = { connector: 't', name: `s${at}`, endpoint: '', query: '', window: null };
    const writer = await store.beginSource(identity, 1n);
    for (const batch of batches) writer.add(batch);
    await writer.finish();
  }
}

/** Alerts that fired for their own lengths of time, one of them twice; labels in another order. */
function alerts(ahead: bigint, turned: boolean): Batch {
  const rows = new BatchBuilder('alerts');
  for (let i = 0; i < 9; i++) {
    const at = START + BigInt(i) * 97n * S + ahead;
    const labels = [
      ['alertname', `Alert${Math.max(1, i)}`],
      ['team', 'shop'],
    ];
    rows.col.fingerprint.push(turned ? `b${i}` : `a${i}`);
    rows.col.name.push(`Alert${i}`);
    rows.col.starts_at.push(at);
    rows.col.ends_at.push(at + (i < 2 ? 60n : BigInt(60 + i)) * S);
    rows.col.severity.push('critical');
    rows.col.resource_id.push(0n);
    rows.col.labels.push(Object.fromEntries(turned ? labels.reverse() : labels));
    rows.col.annotations.push({});
    rows.endRow();
  }
  return rows.take();
}

it('alerts with the same labels that lasted as long are one moment, those that fired twice are not', async () => {
  await caseOf([[alerts(0n, false)], [alerts(-3600n * S, true)]]);
  const { sources } = await estimateClocks(store);
  expect(sources.map(({ state }) => state)).toEqual(['reference', 'offset']);
  expect(sources[1]?.kinds).toEqual([{ kind: 'alert', anchors: 7 }]);
  expect(sources[1]).toMatchObject({ zoneHours: -1, confidence: 'low' });
  // Both stamp whole seconds: either may be cut by one.
  expect(Math.abs((sources[1]?.offset ?? 0) + 3600e9)).toBeLessThanOrEqual(2e9);
});

/** Lines without ids: rare ones that both have, frequent ones, and short ones. */
function lines(ahead: bigint, other: string): Batch {
  const rows = new BatchBuilder('logs');
  const add = (at: bigint, body: string): void => {
    rows.col.ts.push(START + at + ahead);
    rows.col.observed_ts.push(null);
    rows.col.resource_id.push(0n);
    rows.col.severity.push(9);
    rows.col.severity_text.push('INFO');
    rows.col.body.push(body);
    rows.col.trace_id.push('');
    rows.col.span_id.push('');
    rows.col.attributes.push({});
    rows.endRow();
  };
  for (let i = 0; i < 30; i++) {
    const at = BigInt(i) * 7_000_000_123n;
    add(at, `payment ${7919 * (i + 1)} was settled with the bank`);
    add(at + 1n, 'cache of prices was filled, 200 entries');
    add(at + 2n, `poll ${i}`);
    add(at + 3n, `${other} worker ${i} went on with what it did before`);
  }
  return rows.take();
}

it('a rare text that each source has once is one moment', async () => {
  await caseOf([[lines(0n, 'first')], [lines(-412_000_000n, 'second')]]);
  const { sources } = await estimateClocks(store);
  expect(sources[1]?.kinds).toEqual([{ kind: 'log-text', anchors: 30 }]);
  expect(sources[1]).toMatchObject({ state: 'offset', offset: -412e6, confidence: 'high' });
});

it('one source, or sources that share nothing, are not compared', async () => {
  await caseOf([[lines(0n, 'first')]]);
  expect((await estimateClocks(store)).sources.map(({ state }) => state)).toEqual(['unknown']);
});
