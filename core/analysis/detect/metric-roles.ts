/** What a metric is about, as far as the usual vocabulary of metric names tells. */
export type MetricRole = 'latency' | 'errors' | 'health' | 'saturation' | 'traffic' | 'other';

/**
 * Words of the field (OpenTelemetry, Prometheus exporters, RED and USE methods), looked for in the pieces of
 * a metric's name; the first group that matches wins.
 */
const WORDS: readonly (readonly [MetricRole, RegExp])[] = [
  ['health', /^(availability|success|successes|up|ready|healthy|uptime|available)$/],
  [
    'errors',
    /^(errors?|faults?|fail(ed|ures?|s)?|rejected|rejections?|dropped|drops|retrans.*|retries|timeouts?|restarts?|exceptions?|[45]xx|throttled|throttles|unavailable|misses)$/,
  ],
  [
    'saturation',
    /^(cpu|memory|mem|utili[sz]ation|usage|saturation|heap|gc|disk|diskio|pending|waiting|queue|lag|backlog|throttling|socket|sockets|load|active|running|connections?|threads?)$/,
  ],
  ['latency', /^(latency|latencies|duration|delay|response|rtt|elapsed|wait|lat)$/],
  [
    'traffic',
    /^(requests?|calls?|rps|qps|ops|throughput|workload|messages|commits?|queries|commands|hits|bytes|packets|invocations|transactions|receive|transmit|count|rate|syscall|read|write)$/,
  ],
];

export function roleOf(metric: string): MetricRole {
  const pieces = metric.toLowerCase().split(/[^a-z0-9]+/);
  for (const [role, words] of WORDS) {
    if (pieces.some((piece) => words.test(piece))) return role;
  }
  return 'other';
}

/** Which way is bad: 1 up, -1 down, 0 either. */
export function badDirection(role: MetricRole): -1 | 0 | 1 {
  if (role === 'health') return -1;
  return role === 'latency' || role === 'errors' || role === 'saturation' ? 1 : 0;
}

/** True where the metric counts what an entity was asked to do: other figures grow with it. */
export function countsRequests(metric: string): boolean {
  if (roleOf(metric) !== 'traffic' || /bytes|packets/.test(metric)) return false;
  return /request|call|rps|qps|workload|ops|messages|commit|queries|commands|invocation|_count/.test(
    metric.toLowerCase(),
  );
}

/**
 * A metric's name without the name of what it is about, where a recorder has put both into one
 * (`queue_master_latency` of `queue-master`): words of the owner's name say nothing about the metric.
 */
export function withoutOwner(metric: string, entityId: string): string {
  const pieces = (text: string): string[] =>
    text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((piece) => piece !== '');
  const owner = pieces(entityId.slice(entityId.indexOf(':') + 1));
  const own = pieces(metric);
  if (owner.length === 0 || own.length <= owner.length) return metric;
  const matches = (from: number): boolean => owner.every((piece, i) => own[from + i] === piece);
  if (matches(0)) return own.slice(owner.length).join('_');
  const end = own.length - owner.length;
  return matches(end) ? own.slice(0, end).join('_') : metric;
}
