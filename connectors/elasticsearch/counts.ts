import { z } from 'zod';
import type { TimeWindow } from '../../core/base';
import type { PullItem } from '../../core/connect';
import { BatchBuilder, ResourceInterner, seriesId, type Attributes } from '../../core/model';
import { aggregate } from './aggregate';
import { isPartial, type Client, type Json } from './api';
import type { Target } from './cursor';
import { scalarText } from './document';
import { signalOf } from './spec';
import type { Tally } from './tally';
import { rangeQuery, resolutionOf, type TimeField } from './time-field';

const SECOND = 1_000_000_000n;
/** Steps that people read easily, in seconds; a window has at most 240 of them. */
const STEPS = [
  1n,
  2n,
  5n,
  10n,
  15n,
  30n,
  60n,
  120n,
  300n,
  600n,
  900n,
  1800n,
  3600n,
  10_800n,
  86_400n,
];
const MOST_STEPS = 240n;
const PAGE = 10_000;
/** Series of one window beyond which no more are counted. */
const MOST_SERIES = 2000;

const key = z.union([z.string(), z.number(), z.boolean()]).nullish();
const answered = z.object({
  after_key: z.record(z.string(), z.unknown()).optional(),
  buckets: z.array(
    z.object({ key: z.object({ t: z.number(), service: key, level: key }), doc_count: z.number() }),
  ),
});

interface Series {
  readonly resource: Attributes;
  readonly labels: Attributes;
  /** By the number of the step. */
  readonly counts: Map<number, number>;
}

/**
 * How many records an item has in a window, by service and level (spans: status), as samples: what is left out
 * of the rows under a budget is still counted in full. One sample a step, also where there is none.
 */
export async function* countsOf(
  client: Client,
  target: Target,
  window: TimeWindow,
  tally: Tally,
): AsyncGenerator<PullItem> {
  const { time } = target.mapping;
  const step = stepOf(time, window);
  let series: ReadonlyMap<string, Series>;
  try {
    series = await seriesOf(client, target, window, step, tally);
  } catch (error) {
    if (!isPartial(error)) throw error;
    tally.add('counts-not-taken', error instanceof Error ? error.message : String(error));
    return;
  }
  if (series.size === 0) return;
  const resources = new ResourceInterner();
  const heads = new BatchBuilder('metric_series');
  const samples = new BatchBuilder('samples');
  const spans = signalOf(target.mapping.profile) === 'spans';
  const metric = spans ? 'trace.span.count' : 'log.record.count';
  const first = window.from / step;
  const last = (window.to - 1n) / step;
  for (const { resource, labels, counts } of series.values()) {
    const of = resources.intern(resource);
    const id = seriesId(metric, of, labels);
    const { col } = heads;
    col.series_id.push(id);
    col.metric.push(metric);
    col.kind.push('gauge');
    col.unit.push(spans ? '{span}' : '{record}');
    col.description.push(`${spans ? 'Spans' : 'Log records'} in each step, counted by the server`);
    col.temporality.push('');
    col.step.push(step);
    col.resource_id.push(of);
    col.labels.push(labels);
    heads.endRow();
    for (let at = first; at <= last; at++) {
      samples.col.series_id.push(id);
      const ts = at * step;
      samples.col.ts.push(ts < window.from ? window.from : ts);
      samples.col.value.push(counts.get(Number(at)) ?? 0);
      samples.endRow();
    }
  }
  const named = resources.take();
  if (named) yield { kind: 'batch', batch: named };
  yield { kind: 'batch', batch: heads.take() };
  yield { kind: 'batch', batch: samples.take() };
}

function stepOf(time: TimeField, { from, to }: TimeWindow): bigint {
  const least = (to - from + MOST_STEPS - 1n) / MOST_STEPS;
  const step = (STEPS.find((seconds) => seconds * SECOND >= least) ?? 86_400n) * SECOND;
  const unit = resolutionOf(time);
  return step < unit ? unit : step;
}

async function seriesOf(
  client: Client,
  target: Target,
  window: TimeWindow,
  step: bigint,
  tally: Tally,
): Promise<ReadonlyMap<string, Series>> {
  const { mapping } = target;
  const found = new Map<string, Series>();
  const level = signalOf(mapping.profile) === 'spans' ? 'status' : 'severity';
  let after: Json | undefined;
  do {
    const composite = { size: PAGE, sources: sourcesOf(target, step), ...(after ? { after } : {}) };
    const query = rangeQuery(mapping.time, window);
    const body = { size: 0, track_total_hits: false, query, aggs: { t: { composite } } };
    const { answer, failed } = await aggregate(client, target, body);
    if (failed > 0) tally.add('counts-partial', `${failed} shards did not answer`);
    const page = answered.parse(answer);
    for (const { key: of, doc_count: count } of page.buckets) {
      const names = [scalarText(of.service), scalarText(of.level)];
      const name = JSON.stringify(names);
      let series = found.get(name);
      if (!series) {
        if (found.size >= MOST_SERIES) {
          tally.add('counts-cut', `${MOST_SERIES}`, undefined, count);
          continue;
        }
        const [service = '', word = ''] = names;
        series = {
          resource: service === '' ? {} : { 'service.name': service },
          labels: word === '' ? {} : { [level]: word },
          counts: new Map(),
        };
        found.set(name, series);
      }
      const at = Math.round((of.t * Number(resolutionOf(mapping.time))) / Number(step));
      series.counts.set(at, (series.counts.get(at) ?? 0) + count);
    }
    after = page.buckets.length < PAGE ? undefined : page.after_key;
  } while (after);
  return found;
}

/** Steps lie on whole multiples since the epoch, which every kind of field can be counted by. */
function sourcesOf({ mapping }: Target, step: bigint): readonly Json[] {
  const { time, serviceIn, severity } = mapping;
  const steps =
    time.kind === 'number'
      ? { histogram: { field: time.name, interval: Number(step / BigInt(time.unitNs)) } }
      : { date_histogram: { field: time.name, fixed_interval: `${step / 1_000_000n}ms` } };
  const terms = (field: string): Json => ({ terms: { field, missing_bucket: true } });
  const sources: Json[] = [{ t: steps }];
  if (serviceIn !== undefined) sources.push({ service: terms(serviceIn) });
  if (severity && severity.type !== 'text') sources.push({ level: terms(severity.name) });
  return sources;
}
