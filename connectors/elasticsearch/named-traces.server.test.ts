import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { replay } from '../../app/node/replay';
import type { PullRequest, Upstream } from '../../core/connect';
import { hashOf, multisets, pullAll, untilMark } from '../../core/connect/testing/pulled';
import { oracle, simulation } from '../../core/connect/testing/trace-oracle';
import { testEnv } from '../../core/connect/testing/upstreams';
import { searchRequests } from '../../core/simulate';
import {
  available,
  elasticsearch as elasticServer,
  opensearch as openServer,
} from '../../scripts/servers/index.mjs';
import { elasticsearch } from './index';

const GONE = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';
const logs = oracle.logs ?? [];
const spans = oracle.spans ?? [];
/** Traces with lines, which Jaeger's spans and ECS' lines name alike. */
const spanned = new Set(spans.map((row) => row['trace_id'] as string));
const [FIRST = '', SECOND = ''] = [
  ...new Set(logs.map((row) => row['trace_id'] as string).filter((id) => spanned.has(id))),
];

for (const [name, server] of [
  ['Elasticsearch', elasticServer],
  ['OpenSearch', openServer],
] as const) {
  const there = await available(server);
  if (!there) console.log(`SKIPPED: single traces of ${name}: it can’t be had`);
  describe.skipIf(!there)(`single traces of ${name}`, { timeout: 120_000 }, () => {
    let upstream: Upstream;
    let stop: () => Promise<unknown> = () => Promise.resolve();
    beforeAll(async () => {
      const running = await server.start();
      stop = () => running.stop();
      upstream = createUpstream({ url: running.url }).upstream;
      for (const shape of ['ecs', 'jaeger'] as const) {
        await replay(searchRequests(simulation.batches(), shape), upstream);
      }
      await upstream.send({ method: 'POST', path: '/_refresh' });
    }, 240_000);
    afterAll(() => stop());

    const pull = (trace: string, more: Partial<PullRequest> = {}) => {
      const config = elasticsearch.config.parse({ trace, slice: '3' });
      const connector = elasticsearch.open(config, testEnv(upstream));
      return pullAll(connector, { windows: [{ from: 1n, to: 2n }], budget: 1_000_000, ...more });
    };
    const idsOf = (...traces: readonly string[]): readonly unknown[] =>
      spans
        .filter((row) => traces.includes(row['trace_id'] as string))
        .map((row) => row['span_id'] as string)
        .sort();

    it('come with their spans and lines, whenever they were; what is missing is said', async () => {
      const { tables, notices, coverage } = await pull(`${FIRST.toUpperCase()} ${GONE} ${SECOND}`);
      expect((tables.spans ?? []).map((row) => row['span_id'] as string).sort()).toEqual(
        idsOf(FIRST, SECOND),
      );
      const lines = logs.filter((row) => [FIRST, SECOND].includes(row['trace_id'] as string));
      expect((tables.logs ?? []).map((row) => row['body'] as string).sort()).toEqual(
        lines.map((row) => row['body'] as string).sort(),
      );
      expect(notices.filter(({ severity }) => severity === 'warning')).toMatchObject([
        { code: 'traces-not-found', count: 1 },
      ]);
      const starts = (tables.spans ?? []).map((row) => row['start'] as bigint);
      const covered = coverage.filter(({ signal }) => signal === 'spans');
      expect(covered).toMatchObject([{ rowsKept: starts.length, rowsTotal: null, sampled: false }]);
      for (const { window } of covered) {
        expect(starts.every((start) => start >= window.from && start < window.to)).toBe(true);
        expect(window.to - window.from).toBeLessThan(700_000_000_000n);
      }
    });

    it('have the same rows after each mark', async () => {
      const calm = await pull(`${FIRST} ${SECOND}`);
      expect(calm.cursors.length).toBeGreaterThan(3);
      for (const nth of calm.cursors.keys()) {
        const { kept, cursor } = untilMark(calm, nth);
        const rest = await pull('', { resumeAt: cursor });
        expect(multisets(kept.tables, rest.tables)).toEqual(multisets(calm.tables));
      }
      expect(hashOf((await pull(`${SECOND},${FIRST}`)).tables)).toBe(hashOf(calm.tables));
    });

    it('are an error where none of them is there', async () => {
      await expect(pull(GONE)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining(GONE) as unknown,
      });
    });

    it('are counted, index by index', async () => {
      const config = elasticsearch.config.parse({ trace: FIRST });
      const connector = elasticsearch.open(config, testEnv(upstream));
      const { items } = await connector.discover([], new AbortController().signal);
      const counted = items.filter(({ selected }) => selected);
      const found = counted.filter(({ signal }) => signal === 'spans');
      expect(found.map(({ count }) => count)).toEqual([idsOf(FIRST).length]);
      expect(counted.some(({ signal }) => signal === 'logs')).toBe(true);
    });
  });
}
