import { findQuery, parseEntityId, type Frame } from '../../model';
import { Runner } from '../runner';
import type { Analysis, Scope } from '../seam';
import { fetchFrom, frameFrom, frameOf } from './frames';

const SECOND = 1_000_000_000n;
export const T0 = 1_700_000_000n * SECOND;
export const at = (s: number): bigint => T0 + BigInt(s) * SECOND;
const services = ['web', 'cart', 'stock', 'pay'];
export const scope: Scope = {
  range: { from: at(0), to: at(900) },
  baseline: { from: at(0), to: at(600) },
  incident: { from: at(600), to: at(900) },
  entities: services.map((name) => parseEntityId(`service:${name}`)),
  request: {},
};

export function runOf<O>(
  analysis: Analysis<O>,
  frames: Readonly<Record<string, Frame>>,
  request: Scope['request'] = {},
): Promise<O> {
  return new Runner(fetchFrom(frames), { ...scope, request }).output(analysis);
}

/** win service name kind peer spoke n errors own ms-per-call spread-of-log */
export function ops(text: string): Frame {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([win, service, name, kind, peer, spoke, n, errors, own, ms]) => {
      const [count, each] = [Number(n), Number(ms)];
      const log = Math.log(each + 0.05);
      return {
        win,
        name,
        kind,
        n,
        errors,
        service: `service:${service}`,
        peer: peer === '-' ? null : (peer ?? ''),
        peer_spoke: spoke,
        own_errors: own,
        self_ms: count * each,
        duration_ms: count * each,
        log_n: count,
        stands_for: 1,
        log_self: count * log,
        log_self_sq: count * (log * log + 0.01),
        roots: 0,
        p99_ms: each,
      };
    });
  return frameFrom(
    findQuery('analysis.operation-shift').columns,
    rows as Record<string, string | number | null>[],
  );
}

const SLOW_STOCK = ops(`
  0 web   GET_/   2 -             0 100 0 0 5
  1 web   GET_/   2 -             0  50 0 0 5
  0 web   cart    3 service:cart  1 100 0 0 1
  1 web   cart    3 service:cart  1  50 0 0 1
  0 cart  ADD     2 -             0 100 0 0 8
  1 cart  ADD     2 -             0  50 0 0 8
  0 cart  stock   3 service:stock 1 100 0 0 1
  1 cart  stock   3 service:stock 1  50 0 0 1
  0 stock RESERVE 2 -             0 100 0 0 4
  1 stock RESERVE 2 -             0  50 0 0 80`);

const CALLS = frameOf(
  'analysis.edge-shift',
  `win source target n errors p50_ms p99_ms gap_ms gap_log gap_log_sq log_n stands_for
   0 service:web  service:cart  100 0 10 20 1 0 0.01  100 1
   1 service:web  service:cart   50 0 90 99 1 0 0.01  50 1
   0 service:cart service:stock 100 0  5 10 1 0 0.01  100 1
   1 service:cart service:stock  50 0 81 90 1 0 0.01  50 1`,
);

const LEVELS = frameOf(
  'analysis.metric-shift',
  `series_id metric unit kind entity_id source destination n0 med0 mad0 lo0 hi0 n1 med1 mean1 min_before max_before
   1 cpu ratio gauge service:stock - - 40 0.2 0.01 0.18 0.22 20 0.9 0.9 0.19 0.21
   2 cpu ratio gauge service:web   - - 40 0.3 0.01 0.28 0.32 20 0.3 0.3 0.29 0.31
   3 cpu ratio gauge service:cart  - - 40 0.1 0.01 0.09 0.11 20 0.8 0.8 0.79 0.82
   4 cpu ratio gauge service:pay   - -  1 0.1 0.01 0.09 0.11 20 0.9 0.9 -    -`,
);

const DENSITY = frameOf(
  'analysis.signal-density',
  `bucket signal n value
  ${Array.from({ length: 120 }, (_, i) => `${i} latency 10 ${i >= 80 && i < 100 ? 90 : 10}`).join('\n')}`,
);

const LINES = frameFrom(
  findQuery('analysis.log-lines').columns,
  Array.from({ length: 60 }, (_, i) => ({
    win: i < 40 ? 0 : 1,
    service: i % 2 ? 'service:stock' : 'service:web',
    severity: i >= 50 ? 17 : 9,
    ts: 1000 * i,
    source_id: 1,
    row_no: i,
    text_key: i,
    all_lines: 60,
    body: i >= 50 ? `timeout after ${i} ms waiting for lock` : `served request ${i} in ${i * 3} ms`,
  })),
);

const COVERED = frameOf(
  'analysis.covered-seconds',
  `win signal seconds rows
   0 logs 600 40
   1 logs 300 20
   0 spans 600 400
   1 spans 300 200`,
);

/** Requests of web and stock in stretches; those of stock take `times` as long in the incident. */
export const requestStretches = (times: number): Frame =>
  frameOf(
    'analysis.request-stretches',
    `service stretch n errors timed slow off off_sq
    ${[-6, -5, -4, -3, -2, -1, 0, 1, 2]
      .map((stretch) => {
        const noise = 0.4 * (stretch % 2);
        const off = stretch < 0 ? noise : noise + 20 * Math.log(times);
        return `service:web ${stretch} 20 0 20 1 ${noise} 0.8
          service:stock ${stretch} 20 0 20 1 ${off} ${0.8 + (off * off) / 20}`;
      })
      .join('\n')}`,
  );

export const ALL: Readonly<Record<string, Frame>> = {
  'analysis.operation-shift': SLOW_STOCK,
  'analysis.edge-shift': CALLS,
  'analysis.request-stretches': requestStretches(20),
  'analysis.metric-shift': LEVELS,
  'analysis.signal-density': DENSITY,
  'analysis.log-lines': LINES,
  'analysis.covered-seconds': COVERED,
};

/** Numbers anywhere in a value that are not finite; onsets of nothing are no numbers at all. */
export function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isNaN(value) ? [path] : [];
  if (value instanceof Map) return notFinite([...value], path);
  if (ArrayBuffer.isView(value)) return notFinite([...(value as Float64Array)], path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`));
}
