import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, readAll, tablesOf } from '../core/connect/testing/import';
import { formats } from '.';

const read = async (name: string, content: unknown) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 1);
  const result = await readAll(bytesSource(name, text), formats);
  return { ...result, part: result.report.parts[0], tables: tablesOf(result.batches) };
};
const lines = (list: readonly unknown[]): string =>
  list.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)) + '\n').join('');

describe('case.json', () => {
  it('gives windows and symptom as hints', async () => {
    const window = { from: '2024-05-01T10:00:00.000Z', to: '2024-05-01T11:00:00.500Z' };
    const symptom = { service: 'shop', metric: 'latency', direction: 'up', rank: 1 };
    const given = {
      id: 'a',
      set: 's',
      window,
      baseline: null,
      incident: window,
      symptom,
      notes: 'x',
    };
    const { report, items } = await read('case.json', given);
    expect(report).toMatchObject({ format: 'case-json', state: 'ok', parts: [], notices: [] });
    const span = { from: 1714557600000000000n, to: 1714561200500000000n };
    expect(items).toEqual([
      {
        kind: 'hints',
        hints: {
          window: span,
          incident: span,
          baseline: undefined,
          symptom: { service: 'shop', metric: 'latency', direction: 'up', rank: '1' },
        },
      },
    ]);
  });

  it('says which windows it ignored', async () => {
    const window = { from: '2024-05-01T11:00:00Z', to: '2024-05-01T10:00:00Z' };
    const { report, items } = await read('case.json', { id: 'a', window, incident: null });
    expect(items[0]).toMatchObject({ kind: 'hints', hints: { window: undefined } });
    expect(report.notices).toMatchObject([{ code: 'window-ignored', count: 1 }]);
  });
});

describe('topology.json', () => {
  it('gives nodes and edges by entity', async () => {
    const { report, part, tables } = await read('topology.json', {
      nodes: [
        { id: 'web', kind: 'service' },
        { id: 'web-1', kind: 'service_instance' },
        { id: 'cart_AWS::DynamoDB', kind: 'AWS::DynamoDB' },
        { id: '' },
        { id: 'web', kind: 'service' },
      ],
      edges: [
        { source: 'web', target: 'cart_AWS::DynamoDB', kind: 'calls', calls: 7 },
        { source: 'web', target: 'web-1', kind: 'has_instance' },
        { source: 'web', target: 'elsewhere' },
        { source: 'web' },
      ],
    });
    expect(report.format).toBe('topology-json');
    expect(part).toMatchObject({ signal: 'topology', rows: 6, dropped: 3 });
    expect(part?.droppedExamples.map((e) => `${e.where}: ${e.reason}`)).toEqual([
      'nodes[3]: the node has no id',
      'nodes[4]: the node is listed twice',
      'edges[3]: the edge has no target',
    ]);
    expect(report.notices).toMatchObject([{ code: 'edge-without-node', count: 1 }]);
    expect(tables.stated_relations?.slice(2)).toEqual([
      { source: 'database:cart_AWS::DynamoDB', target: '', kind: '', calls: null },
      { source: 'service:web', target: 'database:cart_AWS::DynamoDB', kind: 'calls', calls: 7n },
      {
        source: 'service:web',
        target: 'service_instance:web-1',
        kind: 'has_instance',
        calls: null,
      },
      { source: 'service:web', target: 'service:elsewhere', kind: 'calls', calls: null },
    ]);
  });

  it('is reported as failed where it is cut', async () => {
    const { report } = await read('topology.json', '{"nodes":[{"id":"a"}],"edges":[{"source":"a"');
    expect(report).toMatchObject({ format: 'topology-json', state: 'failed' });
    expect(report.notices[0]?.code).toBe('format/damaged');
  });
});

describe('changes.jsonl', () => {
  it('places a change and keeps what it says', async () => {
    const change = {
      ts: '2024-05-01T10:00:00.250Z',
      kind: 'deployment',
      service: 'cart',
      version: 'v2',
      pods: { added: ['cart-b'], removed: [] },
      labels: { team: 'x', node: 'n1' },
      by: 'ann',
    };
    const { report, part, tables } = await read(
      'c.jsonl',
      lines([change, { ...change, ts: 'now' }, '{"ts":"2024-05-01T10:00']),
    );
    expect(report.format).toBe('changes-jsonl');
    expect(part).toMatchObject({ signal: 'changes', rows: 1, dropped: 2 });
    expect(tables.changes?.[0]).toMatchObject({
      ts: 1714557600250000000n,
      kind: 'deployment',
      title: 'deployment of cart v2',
      version: 'v2',
      attributes: { team: 'x', 'pods.added': '["cart-b"]', 'pods.removed': '[]', by: 'ann' },
    });
    expect(tables.resources?.[0]?.['attributes']).toEqual({ service: 'cart', node: 'n1' });
  });
});

describe('alerts.jsonl', () => {
  it('places an alert by its entity and labels', async () => {
    const alert = {
      ts: '2024-05-01T10:00:00.250Z',
      fingerprint: 'f1',
      name: 'cpu',
      entity: 'cart-1',
      severity: 'page',
      labels: { source: 'metric', host: 'h1', count: 3 },
    };
    const { fingerprint: _, ...bare } = alert;
    const { report, part, tables } = await read(
      'a.jsonl',
      lines([alert, bare, { ...alert, name: '' }, 'nonsense', { ...alert, ts: 5 }]),
    );
    expect(report.format).toBe('alerts-jsonl');
    expect(part).toMatchObject({ signal: 'alerts', rows: 2, dropped: 3 });
    expect(part?.droppedExamples[1]).toMatchObject({
      where: 'line 4',
      text: 'nonsense',
      reason: 'the line is not a JSON object',
    });
    expect(tables.alerts?.[0]).toMatchObject({
      fingerprint: 'f1',
      name: 'cpu',
      starts_at: 1714557600250000000n,
      ends_at: null,
      severity: 'page',
      labels: { source: 'metric', host: 'h1', count: '3' },
    });
    expect(tables.alerts?.[1]?.['fingerprint']).toMatch(/^[0-9a-f]{16}$/);
    expect(tables.resources?.[0]?.['attributes']).toEqual({ entity: 'cart-1', host: 'h1' });
  });
});

describe('every format', () => {
  const samples = [
    '{"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a","startTimeUnixNano":"1","endTimeUnixNano":2}]}]}]}\n',
    '# TYPE a gauge\na{b="c"} 1 1700000000\n# EOF\n',
    '{"id":"x","window":{"from":"2024-05-01T10:00:00Z","to":"2024-05-01T11:00:00Z"},"incident":null}',
    '{"nodes":[{"id":"a","kind":"service"}],"edges":[{"source":"a","target":"a"}]}',
    '{"ts":"2024-05-01T10:00:00Z","kind":"deployment","service":"a"}\n',
    '{"ts":"2024-05-01T10:00:00Z","fingerprint":"f","name":"a","entity":"b","labels":{}}\n',
    '{"receiver":"r","alerts":[{"status":"firing","labels":{"alertname":"a"},"startsAt":"2024-05-01T10:00:00Z"}]}',
  ];

  it('knows its own content best', async () => {
    const found = await Promise.all(samples.map(async (text) => (await read('x', text)).report));
    expect(found.map((report) => report.format)).toEqual([
      'otlp-json',
      'openmetrics',
      'case-json',
      'topology-json',
      'changes-jsonl',
      'alerts-jsonl',
      'alert-webhook',
    ]);
    for (const report of found) expect(report).toMatchObject({ state: 'ok', notices: [] });
  });

  it('reads or reports anything, and breaks on nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        fc.nat(),
        fc.constantFrom(undefined, ...formats.map((format) => format.id)),
        async (text, changes, cut, as) => {
          const bytes = new TextEncoder().encode(text);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const kept = bytes.slice(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);
          const { report, batches } = await readAll(bytesSource('x', kept, 50), formats, as);
          const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
          if (report.state === 'ok') expect(report.format).not.toBeNull();
          else expect(report.notices.length).toBeGreaterThan(0);
          expect(rows).toBeGreaterThanOrEqual(report.parts.reduce((sum, p) => sum + p.rows, 0));
        },
      ),
      { numRuns: 600 },
    );
  });
});
