import { putAttribute } from './protobuf-values';
import type { OtlpRows } from './rows';
import { AttributeStage, type ExemplarStage, type MetricHead, type PointStage } from './stages';
import { BYTES, type WireReader } from '../../core/connect';

/** Metric's oneof by field number. */
const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const EXPONENTIAL = 10;
const SUMMARY = 11;

const KIND: Readonly<Record<number, MetricHead['kind']>> = {
  [GAUGE]: 'gauge',
  [SUM]: 'counter',
  [HISTOGRAM]: 'histogram',
  [EXPONENTIAL]: 'histogram',
  [SUMMARY]: 'summary',
};

/** Reads one Metric. `index` is the number of points before it; returns it with its own. */
export function protobufMetric(
  reader: WireReader,
  rows: OtlpRows,
  point: PointStage,
  resource: bigint,
  index: number,
): number {
  let name = '';
  let description = '';
  let unit = '';
  let data = 0;
  let from = 0;
  let to = 0;
  while (reader.field()) {
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 2) description = reader.string();
    else if (reader.number === 3) unit = reader.string();
    else if (KIND[reader.number] !== undefined && reader.type === BYTES) {
      data = reader.number;
      from = reader.pass();
      to = reader.pos;
    } else reader.skip();
  }
  const kind = KIND[data];
  if (kind === undefined) return index;
  const { pos, end } = reader;
  reader.pos = from;
  reader.end = to;
  const { points, temporality, monotonic } = readData(reader);
  const head: MetricHead = {
    name,
    unit,
    description,
    kind: data === SUM && !monotonic ? 'gauge' : kind,
    temporality,
  };
  for (let i = 0; i < points.length; i += 2) {
    reader.pos = points[i]!;
    reader.end = points[i + 1]!;
    index++;
    point.clear();
    const take = POINT[data]!;
    const reason = take(reader, point, rows, head, resource);
    const fault = name === '' ? 'the metric has no name' : reason;
    if (fault) rows.drop('samples', index, `point of "${name}"`, fault, { at: point.ts, resource });
  }
  reader.pos = pos;
  reader.end = end;
  return index;
}

/** data_points = 1, aggregation_temporality = 2, is_monotonic = 3. */
function readData(reader: WireReader): {
  points: readonly number[];
  temporality: MetricHead['temporality'];
  monotonic: boolean;
} {
  const points: number[] = [];
  let temporality: MetricHead['temporality'] = '';
  let monotonic = false;
  while (reader.field()) {
    if (reader.number === 1) points.push(reader.pass(), reader.pos);
    else if (reader.number === 2) {
      const value = reader.int32();
      temporality = value === 1 ? 'delta' : value === 2 ? 'cumulative' : '';
    } else if (reader.number === 3) monotonic = reader.bool();
    else reader.skip();
  }
  return { points, temporality, monotonic };
}

type TakePoint = (
  reader: WireReader,
  point: PointStage,
  rows: OtlpRows,
  head: MetricHead,
  resource: bigint,
) => string;

const takeNumber: TakePoint = (reader, point, rows, head, resource) => {
  while (reader.field()) {
    switch (reader.number) {
      case 3:
        point.ts = reader.fixed64();
        break;
      case 4:
        point.value = reader.double();
        point.hasValue = true;
        break;
      case 5:
        point.exemplars.push(readExemplar(reader));
        break;
      case 6:
        point.value = Number(reader.fixed64());
        point.hasValue = true;
        break;
      case 7:
        putAttribute(reader, point.attributes);
        break;
      case 8:
        point.flags = reader.int32();
        break;
      default:
        reader.skip();
    }
  }
  return head.name === '' ? '' : rows.metrics.number(head, point, resource);
};

const takeHistogram: TakePoint = (reader, point, rows, head, resource) => {
  while (reader.field()) {
    switch (reader.number) {
      case 3:
        point.ts = reader.fixed64();
        break;
      case 4:
        point.count = reader.fixed64();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        reader.fixed64s(point.counts);
        break;
      case 7:
        reader.doubles(point.bounds);
        break;
      case 8:
        point.exemplars.push(readExemplar(reader));
        break;
      case 9:
        putAttribute(reader, point.attributes);
        break;
      case 10:
        point.flags = reader.int32();
        break;
      case 11:
      case 12:
        reader.skip();
        point.hasMinMax = true;
        break;
      default:
        reader.skip();
    }
  }
  return head.name === '' ? '' : rows.metrics.histogram(head, point, resource);
};

const takeExponential: TakePoint = (reader, point, rows, head, resource) => {
  while (reader.field()) {
    switch (reader.number) {
      case 1:
        putAttribute(reader, point.attributes);
        break;
      case 3:
        point.ts = reader.fixed64();
        break;
      case 4:
        point.count = reader.fixed64();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        point.scale = reader.sint32();
        break;
      case 7:
        point.zeroCount = reader.fixed64();
        break;
      case 8:
        point.positiveOffset = readBuckets(reader, point.positive);
        break;
      case 9:
        point.negativeOffset = readBuckets(reader, point.negative);
        break;
      case 10:
        point.flags = reader.int32();
        break;
      case 11:
        point.exemplars.push(readExemplar(reader));
        break;
      case 12:
      case 13:
        reader.skip();
        point.hasMinMax = true;
        break;
      case 14:
        point.zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  return head.name === '' ? '' : rows.metrics.exponential(head, point, resource);
};

const takeSummary: TakePoint = (reader, point, rows, head, resource) => {
  while (reader.field()) {
    switch (reader.number) {
      case 3:
        point.ts = reader.fixed64();
        break;
      case 4:
        point.count = reader.fixed64();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        readQuantile(reader, point.quantiles);
        break;
      case 7:
        putAttribute(reader, point.attributes);
        break;
      case 8:
        point.flags = reader.int32();
        break;
      default:
        reader.skip();
    }
  }
  return head.name === '' ? '' : rows.metrics.summary(head, point, resource);
};

const POINT: Readonly<Record<number, TakePoint>> = {
  [GAUGE]: takeNumber,
  [SUM]: takeNumber,
  [HISTOGRAM]: takeHistogram,
  [EXPONENTIAL]: takeExponential,
  [SUMMARY]: takeSummary,
};

/** offset = 1 (zigzag), bucket_counts = 2; returns the offset. */
function readBuckets(reader: WireReader, counts: bigint[]): number {
  let offset = 0;
  const outer = reader.enter();
  while (reader.field()) {
    if (reader.number === 1) offset = reader.sint32();
    else if (reader.number === 2) reader.varints(counts);
    else reader.skip();
  }
  reader.leave(outer);
  return offset;
}

function readQuantile(reader: WireReader, out: number[]): void {
  let quantile = 0;
  let value = 0;
  const outer = reader.enter();
  while (reader.field()) {
    if (reader.number === 1) quantile = reader.double();
    else if (reader.number === 2) value = reader.double();
    else reader.skip();
  }
  reader.leave(outer);
  out.push(quantile, value);
}

function readExemplar(reader: WireReader): ExemplarStage {
  const attributes = new AttributeStage();
  let ts = 0n;
  let value = 0;
  let traceId = '';
  let spanId = '';
  const outer = reader.enter();
  while (reader.field()) {
    switch (reader.number) {
      case 2:
        ts = reader.fixed64();
        break;
      case 3:
        value = reader.double();
        break;
      case 4:
        spanId = reader.id(8) ?? '';
        break;
      case 5:
        traceId = reader.id(16) ?? '';
        break;
      case 6:
        value = Number(reader.fixed64());
        break;
      case 7:
        putAttribute(reader, attributes);
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return { ts, value, traceId, spanId, attributes: attributes.record() };
}
