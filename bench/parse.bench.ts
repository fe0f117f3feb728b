import { decoders, formats } from '../connectors';
import { readFile, type ByteSource } from '../core/connect';
import { createRng } from '../core/base';

export interface ParseRate {
  readonly signal: 'spans' | 'logs' | 'samples';
  readonly format: string;
  readonly records: number;
  readonly bytes: number;
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** Time of JSON.parse over the same lines divided by ours; null where the format is no JSON. */
  readonly jsonParseShare: number | null;
}

const T0 = 1_700_000_000;
const RUNS = 5;

/** Records per second from bytes to columns, through the import kit; best of five runs. */
export async function parseBench(records = 100_000): Promise<readonly ParseRate[]> {
  const spans = spanLines(records);
  const logs = logLines(records);
  return [
    await rate('spans', records, spans, true),
    await rate('logs', records, logs, true),
    await rate('samples', records * 5, sampleText(records * 5), false),
    await webRate('spans', records, spans),
  ];
}

async function rate(
  signal: ParseRate['signal'],
  records: number,
  text: string,
  isJson: boolean,
): Promise<ParseRate> {
  const bytes = new TextEncoder().encode(text);
  let best = Number.POSITIVE_INFINITY;
  let parse = Number.POSITIVE_INFINITY;
  let format = '';
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const report = await readFile(source(bytes), formats, { signal: new AbortController().signal });
    best = Math.min(best, performance.now() - started);
    format = report.format ?? '';
    const rows = report.parts.find((part) => part.signal === signal)?.rows;
    if (rows !== records) throw new Error(`${rows} of ${records} ${signal} were read.`);
    if (isJson) parse = Math.min(parse, jsonParse(bytes));
  }
  return figures(signal, format, records, bytes.length, best, isJson ? parse / best : null);
}

/** One body at a time, as the receiver gets them. */
async function webRate(
  signal: ParseRate['signal'],
  records: number,
  text: string,
): Promise<ParseRate> {
  const bodies = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => new TextEncoder().encode(line));
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    for (const body of bodies) decoders.otlp('traces', 'json', body);
    best = Math.min(best, performance.now() - started);
  }
  return figures(signal, 'otlp-http-json', records, bytes, best, null);
}

function figures(
  signal: ParseRate['signal'],
  format: string,
  records: number,
  bytes: number,
  ms: number,
  jsonParseShare: number | null,
): ParseRate {
  return {
    signal,
    format,
    records,
    bytes,
    recordsPerSecond: Math.round(records / (ms / 1000)),
    megabytesPerSecond: Math.round(bytes / 1e3 / ms),
    jsonParseShare: jsonParseShare === null ? null : Math.round(jsonParseShare * 100) / 100,
  };
}

/** What any reader of JSON lines pays at least: decoding the text and JSON.parse of each line. */
function jsonParse(bytes: Uint8Array): number {
  const started = performance.now();
  let objects = 0;
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line !== '' && JSON.parse(line) !== null) objects++;
  }
  return objects > 0 ? performance.now() - started : Number.NaN;
}

function source(bytes: Uint8Array): ByteSource {
  const stream = (): ReadableStream<Uint8Array> => {
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(at, at + (1 << 20)));
        at += 1 << 20;
      },
    });
  };
  return { name: 'bench', size: bytes.length, stream };
}

const attribute = (key: string, value: object): object => ({ key, value });

function spanLines(records: number): string {
  const rng = createRng('parse-bench');
  const hex = (digits: number): string =>
    Array.from({ length: digits / 8 }, () =>
      rng
        .int(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
  const lines: string[] = [];
  let trace = '';
  for (let done = 0; done < records;) {
    const spans: object[] = [];
    for (let i = 0; i < 100 && done < records; i++, done++) {
      if (i % 8 === 0) trace = hex(32);
      const start = `${T0 + Math.floor(done / 100)}${String(rng.int(9e8)).padStart(9, '0')}`;
      spans.push({
        traceId: trace,
        spanId: hex(16),
        parentSpanId: i % 8 === 0 ? '' : hex(16),
        name: `GET /api/route-${i % 20}`,
        kind: 2,
        startTimeUnixNano: start,
        endTimeUnixNano: String(BigInt(start) + BigInt(rng.int(1e8))),
        attributes: [
          attribute('http.request.method', { stringValue: 'GET' }),
          attribute('http.route', { stringValue: `/api/route-${i % 20}` }),
          attribute('http.response.status_code', { intValue: '200' }),
          attribute('url.path', { stringValue: `/api/route-${i % 20}/${rng.int(1e6)}` }),
          attribute('server.address', { stringValue: 'shop.example' }),
          attribute('network.protocol.version', { stringValue: '1.1' }),
        ],
        status: {},
      });
    }
    const resource = { attributes: [attribute('service.name', { stringValue: 'shop' })] };
    lines.push(
      JSON.stringify({
        resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'http' }, spans }] }],
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

function logLines(records: number): string {
  const rng = createRng('parse-bench-logs');
  const lines: string[] = [];
  for (let done = 0; done < records;) {
    const logRecords: object[] = [];
    for (let i = 0; i < 100 && done < records; i++, done++) {
      const time = `${T0 + Math.floor(done / 100)}${String(rng.int(9e8)).padStart(9, '0')}`;
      logRecords.push({
        timeUnixNano: time,
        observedTimeUnixNano: time,
        severityNumber: 9,
        severityText: 'INFO',
        body: {
          stringValue: `request ${rng.int(1e6)} of "user ${rng.int(1e4)}" took ${rng.int(900)} ms`,
        },
        attributes: [
          attribute('thread', { stringValue: `worker-${i % 8}` }),
          attribute('code.line', { intValue: String(i) }),
        ],
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
      });
    }
    const resource = { attributes: [attribute('service.name', { stringValue: 'shop' })] };
    lines.push(
      JSON.stringify({
        resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'app' }, logRecords }] }],
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

function sampleText(samples: number): string {
  const rng = createRng('parse-bench-samples');
  const lines = ['# TYPE cpu_seconds counter'];
  const perSeries = 250;
  for (let i = 0; i < samples; i++) {
    const series = Math.floor(i / perSeries);
    const labels = `service="shop-${series % 40}",pod="shop-${series}",code="200"`;
    lines.push(
      `cpu_seconds_total{${labels}} ${(rng.next() * 1e4).toFixed(4)} ${T0 + (i % perSeries) * 15}`,
    );
  }
  lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}
