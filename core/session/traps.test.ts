import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { formats } from '../../connectors';
import { callOrder, linkTails, messageShift, metricShift, operationShift } from '../model/queries';
import { openCaseStore, type CaseStore } from '../store';
import { importFiles } from './import';

const START = 1_700_000_000;
const ns = (ms: number): bigint => BigInt(START) * 1_000_000_000n + BigInt(Math.round(ms * 1e6));
const windows = { baseFrom: ns(0), baseTo: ns(100_000), from: ns(100_000), to: ns(200_000) };

interface Made {
  readonly service: string;
  readonly host?: string;
  readonly id: string;
  readonly parent?: string;
  readonly trace: string;
  readonly name: string;
  readonly kind: number;
  readonly at: number;
  readonly ms: number;
  readonly failed?: boolean;
  readonly says?: Readonly<Record<string, string>>;
}

const hex = (text: string, digits: number): string => {
  let n = 7n;
  for (let i = 0; i < text.length; i++) n = (n * 131n + BigInt(text.charCodeAt(i))) % 2n ** 63n;
  return n.toString(16).padStart(digits, '0');
};

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });

function otlp(spans: readonly Made[]): string {
  return spans
    .map(({ service, host = 'h0', id, parent, trace, name, kind, at, ms, failed, says = {} }) =>
      JSON.stringify({
        resourceSpans: [
          {
            resource: {
              attributes: [attribute('service.name', service), attribute('host.name', host)],
            },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: hex(trace, 32),
                    spanId: hex(trace + id, 16),
                    parentSpanId: parent === undefined ? '' : hex(trace + parent, 16),
                    name,
                    kind,
                    startTimeUnixNano: String(ns(at)),
                    endTimeUnixNano: String(ns(at + ms)),
                    status: failed ? { code: 2 } : {},
                    attributes: Object.entries(says).map(([k, v]) => attribute(k, v)),
                  },
                ],
              },
            ],
          },
        ],
      }),
    )
    .join('\n');
}

/** Twenty traces in either window, each made by `of`. */
const traces = (of: (trace: string, at: number, late: boolean, i: number) => readonly Made[]) =>
  Array.from({ length: 40 }, (_, i) => of(`t${i}`, 1000 + i * 5000, i >= 20, i)).flat();

async function caseOf(files: Readonly<Record<string, string>>): Promise<CaseStore> {
  const store = await openCaseStore(await openNativeEngine({}), {
    now: 1n,
    create: { name: 'traps' },
  });
  const sources = Object.entries(files).map(([name, text]) => {
    const blob = new Blob([text]);
    return { name, size: blob.size, stream: () => blob.stream() };
  });
  const signal = new AbortController().signal;
  await importFiles(store, sources, 1n, { formats, signal });
  return store;
}

describe('traps in what was recorded', () => {
  let store: CaseStore;
  beforeAll(async () => {
    const orders = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };
    const spans = traces((trace, at, late, i) => [
      { service: 'web', id: 'a', trace, name: 'GET', kind: 2, at, ms: 100 },
      // In the incident the clock of stock's host is 80 ms behind.
      {
        service: 'stock',
        host: 'h1',
        id: 'b',
        parent: 'a',
        trace,
        name: 'reserve',
        kind: 2,
        at: at + 50 - (late ? 80 : 0),
        ms: 20,
      },
      { service: 'web', id: 'c', parent: 'a', trace, name: 'render', kind: 1, at: at + 10, ms: 5 },
      // In the incident one call in five is tried three times.
      ...Array.from({ length: late && i % 5 === 0 ? 3 : 1 }, (_, attempt): readonly Made[] => [
        {
          service: 'web',
          id: `d${attempt}`,
          parent: 'a',
          trace,
          name: 'pay',
          kind: 3,
          at: at + 72 + attempt,
          ms: 1,
          failed: late && i % 5 === 0,
        },
        {
          service: 'pay',
          host: 'h2',
          id: `e${attempt}`,
          parent: `d${attempt}`,
          trace,
          name: 'charge',
          kind: 2,
          at: at + 72 + attempt,
          ms: 0.5,
          failed: late && i % 5 === 0,
        },
      ]).flat(),
      {
        service: 'web',
        id: 'f',
        parent: 'a',
        trace,
        name: 'send orders',
        kind: 4,
        at: at + 90,
        ms: 1,
        says: orders,
      },
      // Taken by mail always, by ship no longer.
      {
        service: 'mail',
        id: 'g',
        parent: 'f',
        trace,
        name: 'process',
        kind: 5,
        at: at + 95,
        ms: 9,
      },
      ...(late
        ? []
        : [
            {
              service: 'ship',
              id: 'h',
              parent: 'f',
              trace,
              name: 'process',
              kind: 5,
              at: at + 96,
              ms: 9,
            },
          ]),
      {
        service: 'mail',
        id: 'i',
        trace: `${trace}p`,
        name: 'BLPOP',
        kind: 3,
        at,
        ms: 900,
        says: { 'db.system.name': 'redis', 'db.operation.name': 'BLPOP', 'server.address': 'jobs' },
      },
    ]);
    const minutes = Array.from({ length: 20 }, (_, i) => i);
    // A counter that grows by 100 every ten seconds, and begins anew in the middle of the incident.
    const counter = minutes.map(
      (i) => `served_total{service="web"} ${100 * (i < 15 ? i + 1 : i - 14)} ${START + 10 * i}`,
    );
    store = await caseOf({
      'spans.otlp.jsonl': otlp(spans),
      'm.om.txt': `# TYPE served counter\n${counter.join('\n')}\n# EOF\n`,
    });
  });
  afterAll(() => store.close());

  const rowsOf = async <T>(
    call: Parameters<CaseStore['run']>[0],
    pick: (at: number, col: never) => T,
  ) => {
    const { rows, col } = await store.run(call);
    return Array.from({ length: rows }, (_, i) => pick(i, col as never));
  };

  it('clocks that differ put nothing in another order', async () => {
    const steps = await rowsOf(callOrder(windows), (i, col: { a: string[]; b: string[] }) => [
      col.a[i],
      col.b[i],
    ]);
    expect(steps).toContainEqual(['GET', 'render']);
    expect(steps.flat()).not.toContain('GET / reserve');
  });

  it('attempts of one call are one failure', async () => {
    const own = await rowsOf(
      operationShift(windows),
      (i, col: { win: number[]; name: string[]; own_errors: number[]; errors: number[] }) => ({
        win: col.win[i],
        name: col.name[i],
        own: col.own_errors[i],
        errors: col.errors[i],
      }),
    );
    expect(own).toContainEqual({ win: 1, name: 'charge', own: 4, errors: 12 });
    expect(own).toContainEqual({ win: 1, name: 'pay', own: 0, errors: 12 });
  });

  it('a pop that blocks is a wait, a call is none', async () => {
    const { rows, col } = await store.run(operationShift(windows));
    const waits = new Map(Array.from({ length: rows }, (_, i) => [col.name[i], col.waits[i]]));
    expect(waits.get('BLPOP')).toBe(20);
    expect(waits.get('pay')).toBe(0);
  });

  it('messages are counted by who takes them; a consumer is no step of who sent them', async () => {
    const { rows, col } = await store.run(messageShift(windows));
    const taken = Array.from({ length: rows }, (_, i) => [col.win[i], col.consumer[i], col.n[i]]);
    expect(taken).toContainEqual([0, 'service:ship', 20]);
    expect(taken).toContainEqual([0, 'service:mail', 20]);
    expect(taken).not.toContainEqual([1, 'service:ship', expect.anything()]);
    // Whether the last one was taken is not known: it was sent when the recording was about to end.
    expect(taken).toContainEqual([1, '', 19]);
    expect(taken).toContainEqual([1, 'service:mail', 19]);
  });

  it('ways are told apart by the hosts at both ends', async () => {
    const { rows, col } = await store.run(linkTails(windows));
    const ways = Array.from({ length: rows }, (_, i) => [
      col.source[i],
      col.target[i],
      col.source_host[i],
      col.target_host[i],
    ]);
    expect(ways).toContainEqual(['service:web', 'service:pay', 'host:h0', 'host:h2']);
  });

  it('a counter that begins anew has lost nothing', async () => {
    const call = metricShift({ ...windows, lookFrom: windows.baseFrom, few: 0 });
    const { col } = await store.run(call);
    expect(col.med0[0]).toBeCloseTo(10);
    expect(col.mean1[0]).toBeCloseTo(10);
  });
});
