import { asList, isJsonObject, type JsonObject } from '../../core/connect';
import { camelKeys } from './dialects';
import { JsonError } from './json-cursor';
import type { OtlpRows } from './rows';
import { scopeAttributes } from './scope';
import { AttributeStage, PointStage, type ExemplarStage, type MetricHead } from './stages';
import { doubleOf, idOf, plainOf, plainText } from './values';

/** 64-bit numbers that a sender wrote without quotes would be rounded by JSON.parse. */
const BARE_INTEGERS =
  /("(?:timeUnixNano|startTimeUnixNano|asInt|count|zeroCount|time_unix_nano|start_time_unix_nano|as_int|zero_count)"\s*:\s*)(-?\d{16,})/g;

/**
 * Reads one ResourceMetrics. `index` is the number of points before it; returns it with its own. `snake`:
 * its keys are written as in the .proto files.
 */
export function metricsFromJson(
  text: string,
  index: number,
  rows: OtlpRows,
  snake = false,
): number {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(BARE_INTEGERS, '$1"$2"'));
  } catch (error) {
    throw new JsonError(error instanceof Error ? error.message : String(error), 0);
  }
  return new MetricReader(rows, index).resource(snake ? camelKeys(value) : value);
}

type PointKind = 'number' | 'histogram' | 'exponential' | 'summary';

const DATA: Readonly<Record<string, { point: PointKind; kind: MetricHead['kind'] }>> = {
  gauge: { point: 'number', kind: 'gauge' },
  sum: { point: 'number', kind: 'counter' },
  histogram: { point: 'histogram', kind: 'histogram' },
  exponentialHistogram: { point: 'exponential', kind: 'histogram' },
  summary: { point: 'summary', kind: 'summary' },
};

class MetricReader {
  private readonly point = new PointStage();

  constructor(
    private readonly rows: OtlpRows,
    private index: number,
  ) {}

  resource(value: unknown): number {
    if (!isJsonObject(value)) return this.index;
    const attributes = new AttributeStage();
    if (isJsonObject(value['resource'])) put(value['resource']['attributes'], attributes);
    const resource = this.rows.resource(attributes.record());
    const scopes = asList(value['scopeMetrics'] ?? value['instrumentationLibraryMetrics']);
    for (const item of scopes.filter(isJsonObject)) {
      this.rows.setScope(scopeOf(item['scope'] ?? item['instrumentationLibrary']));
      for (const metric of asList(item['metrics']).filter(isJsonObject))
        this.metric(metric, resource);
    }
    return this.index;
  }

  private metric(metric: JsonObject, resource: bigint): void {
    const name = text(metric['name']);
    if (!Object.keys(DATA).some((key) => isJsonObject(metric[key])))
      this.unknown(name, metric, resource);
    for (const [key, { point, kind }] of Object.entries(DATA)) {
      const data = metric[key];
      if (!isJsonObject(data)) continue;
      const counts = key !== 'sum' || data['isMonotonic'] === true;
      const head: MetricHead = {
        name,
        unit: text(metric['unit']),
        description: text(metric['description']),
        kind: counts ? kind : 'gauge',
        temporality: temporalityOf(data['aggregationTemporality']),
      };
      for (const item of asList(data['dataPoints'])) {
        this.index++;
        const reason =
          name === '' ? 'the metric has no name' : this.take(point, head, item, resource);
        if (!reason) continue;
        this.rows.drop('samples', this.index, `${name} ${JSON.stringify(item)}`, reason, {
          resource,
        });
      }
    }
  }

  /** Points of kinds that OTLP had before 0.9 (`intGauge`), or does not have yet. */
  private unknown(name: string, metric: JsonObject, resource: bigint): void {
    for (const [key, data] of Object.entries(metric)) {
      if (!isJsonObject(data)) continue;
      for (const item of asList(data['dataPoints'])) {
        const reason = `points of the kind "${key}" are not known`;
        this.rows.drop('samples', ++this.index, `${name} ${JSON.stringify(item)}`, reason, {
          resource,
        });
      }
    }
  }

  private take(kind: PointKind, head: MetricHead, item: unknown, resource: bigint): string {
    if (!isJsonObject(item)) return 'the point is not an object';
    const { point, rows } = this;
    point.clear();
    point.ts = nanoseconds(item['timeUnixNano']);
    point.flags = Number(item['flags'] ?? 0);
    put(item['attributes'], point.attributes);
    point.exemplars = asList(item['exemplars']).filter(isJsonObject).map(exemplarOf);
    if (kind === 'number') {
      this.number(item);
      return rows.metrics.number(head, point, resource);
    }
    point.count = integer(item['count']) ?? 0n;
    point.sum = doubleOf(item['sum']) ?? null;
    point.hasMinMax = item['min'] !== undefined || item['max'] !== undefined;
    if (kind === 'histogram') {
      point.bounds = numbers(item['explicitBounds']);
      point.counts = integers(item['bucketCounts']);
      return rows.metrics.histogram(head, point, resource);
    }
    if (kind === 'exponential') {
      this.exponential(item);
      return rows.metrics.exponential(head, point, resource);
    }
    for (const quantile of asList(item['quantileValues']).filter(isJsonObject)) {
      const at = doubleOf(quantile['quantile']) ?? 0;
      point.quantiles.push(at, doubleOf(quantile['value']) ?? 0);
    }
    return rows.metrics.summary(head, point, resource);
  }

  private number(item: JsonObject): void {
    const { point } = this;
    const whole = item['asInt'] === undefined ? undefined : integer(item['asInt']);
    const value = whole === undefined ? doubleOf(item['asDouble']) : Number(whole);
    point.hasValue = value !== undefined;
    point.value = value ?? 0;
  }

  private exponential(item: JsonObject): void {
    const { point } = this;
    const { positive, negative } = item;
    point.scale = Number(item['scale'] ?? 0);
    point.zeroCount = integer(item['zeroCount']) ?? 0n;
    point.zeroThreshold = doubleOf(item['zeroThreshold']) ?? 0;
    if (isJsonObject(positive)) {
      point.positiveOffset = Number(positive['offset'] ?? 0);
      point.positive = integers(positive['bucketCounts']);
    }
    if (isJsonObject(negative)) {
      point.negativeOffset = Number(negative['offset'] ?? 0);
      point.negative = integers(negative['bucketCounts']);
    }
  }
}

function scopeOf(scope: unknown): readonly (readonly [string, string])[] {
  if (!isJsonObject(scope)) return [];
  const own = new AttributeStage();
  put(scope['attributes'], own);
  return scopeAttributes(text(scope['name']), text(scope['version']), own);
}

function exemplarOf(item: JsonObject): ExemplarStage {
  const attributes = new AttributeStage();
  put(item['filteredAttributes'], attributes);
  const whole = item['asInt'] === undefined ? undefined : integer(item['asInt']);
  return {
    ts: nanoseconds(item['timeUnixNano']),
    value: whole === undefined ? (doubleOf(item['asDouble']) ?? 0) : Number(whole),
    traceId: idOf(text(item['traceId']), 32) ?? '',
    spanId: idOf(text(item['spanId']), 16) ?? '',
    attributes: attributes.record(),
  };
}

function temporalityOf(value: unknown): MetricHead['temporality'] {
  const number = Number(value);
  if (number === 1 || value === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta';
  if (number === 2 || value === 'AGGREGATION_TEMPORALITY_CUMULATIVE') return 'cumulative';
  return '';
}

function put(attributes: unknown, stage: AttributeStage): void {
  for (const item of asList(attributes).filter(isJsonObject)) {
    stage.put(text(item['key']), anyText(item['value']));
  }
}

/** The same text as the pull parser makes of an AnyValue. */
function anyText(any: unknown): string {
  if (!isJsonObject(any)) return '';
  const whole = any['intValue'];
  if (typeof whole === 'string' || typeof whole === 'number') return String(whole);
  return plainText(plainOf(any));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function integer(value: unknown): bigint | undefined {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function nanoseconds(value: unknown): bigint {
  return BigInt.asIntN(64, integer(value) ?? 0n);
}

function integers(value: unknown): bigint[] {
  return asList(value).map((item) => integer(item) ?? 0n);
}

function numbers(value: unknown): number[] {
  return asList(value).map((item) => doubleOf(item) ?? Number.NaN);
}
