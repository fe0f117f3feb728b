import type { Attributes } from './entities';

/** Probability thresholds of OpenTelemetry have 56 bits. */
const WHOLE = 2 ** 56;
const TRACE_STATES = ['otel.trace_state', 'w3c.tracestate', 'tracestate'];
const PROBABILITIES = ['sampling.probability', 'sampling.ratio', 'sampling_ratio'];
const RATES = [
  'SampleRate',
  'sampleRate',
  'sample_rate',
  'transaction.representative_count',
  'span.representative_count',
];

/** Attributes that say how a span was sampled. */
export const SAMPLING_KEYS: ReadonlySet<string> = new Set([
  ...TRACE_STATES,
  ...PROBABILITIES,
  ...RATES,
  'sampler.type',
  'sampler.param',
]);

/**
 * How many spans of the system a stored one stands for, by what a sampler before the store left on it; undefined
 * where it says nothing. Read are OpenTelemetry's `ot=th:…` (opentelemetry.io/docs/specs/otel/trace/
 * tracestate-probability-sampling) and its forerunner `p:…` in the trace state; a probability in
 * `sampling.probability` or `sampling.ratio`; one of so many in `SampleRate`; Elastic's `…representative_count`.
 */
export function adjustedCount(attributes: Attributes): number | undefined {
  for (const name of TRACE_STATES) {
    const count = countOfState(attributes[name]);
    if (count !== undefined) return count;
  }
  for (const name of PROBABILITIES) {
    const p = numberOf(attributes[name]);
    if (p !== undefined && p > 0 && p <= 1) return 1 / p;
  }
  for (const name of RATES) {
    const rate = numberOf(attributes[name]);
    if (rate !== undefined && rate >= 1) return rate;
  }
  return undefined;
}

/**
 * The same for every span of a trace. Jaeger's clients write the sampler on the first span alone, and it decides
 * for the whole trace: `sampler.type` probabilistic, `sampler.param` its probability.
 */
export function adjustedCounts(spans: readonly Attributes[]): readonly (number | undefined)[] {
  const own = spans.map(adjustedCount);
  const ofTrace = spans.map(countOfJaeger).find((count) => count !== undefined);
  return ofTrace === undefined ? own : own.map((count) => count ?? ofTrace);
}

/** A trace state that says so: the threshold of a sampler that keeps one of `count`. */
export function adjustedState(count: number): string {
  const threshold = BigInt(Math.round(WHOLE - WHOLE / Math.max(1, count)));
  const hex = threshold.toString(16).padStart(14, '0').replace(/0+$/, '');
  return `ot=th:${hex === '' ? '0' : hex}`;
}

/** The same for spans of many traces, by the trace of each. */
export function adjustedCountsOf(
  traces: readonly string[],
  spans: readonly Attributes[],
): readonly (number | undefined)[] {
  const rows = new Map<string, number[]>();
  for (const [row, trace] of traces.entries()) {
    const of = rows.get(trace);
    if (of) of.push(row);
    else rows.set(trace, [row]);
  }
  const counts = new Array<number | undefined>(traces.length);
  for (const of of rows.values()) {
    const found = adjustedCounts(of.map((row) => spans[row] ?? {}));
    for (const [i, row] of of.entries()) counts[row] = found[i];
  }
  return counts;
}

function countOfState(state: string | undefined): number | undefined {
  const ot = /(?:^|,)\s*ot=([^,]*)/.exec(state ?? '')?.[1];
  if (ot === undefined) return undefined;
  const members = ot.split(';').map((member) => member.trim());
  const of = (key: string): string | undefined =>
    members.find((member) => member.startsWith(`${key}:`))?.slice(key.length + 1);
  const threshold = of('th');
  if (threshold !== undefined && /^[0-9a-f]{1,14}$/.test(threshold)) {
    // Trailing zeros may be left out.
    return WHOLE / (WHOLE - parseInt(threshold.padEnd(14, '0'), 16));
  }
  const p = of('p');
  return p !== undefined && /^\d{1,2}$/.test(p) && Number(p) < 63 ? 2 ** Number(p) : undefined;
}

function countOfJaeger(attributes: Attributes): number | undefined {
  if (attributes['sampler.type'] !== 'probabilistic') return undefined;
  const p = numberOf(attributes['sampler.param']);
  return p !== undefined && p > 0 && p <= 1 ? 1 / p : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
