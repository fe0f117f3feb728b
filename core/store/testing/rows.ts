import { BatchBuilder, ResourceInterner, seriesId, type Batch } from '../../model';

/** Spans of one trace a second: gateway calls checkout, checkout queries a database. */
export function spanBatches(traces: number, startMs = 1_700_000_000_000): readonly Batch[] {
  const resources = new ResourceInterner();
  const gateway = resources.intern({ 'service.name': 'gateway', 'k8s.pod.name': 'gateway-0' });
  const checkout = resources.intern({ 'service.name': 'checkout', 'host.name': 'node-a' });
  const spans = new BatchBuilder('spans');
  const { col } = spans;
  const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');
  for (let i = 0; i < traces; i++) {
    const start = BigInt(startMs + i * 1000) * 1_000_000n;
    const shapes = [
      { id: 1, parent: 0, resource: gateway, name: 'GET /', kind: 2 },
      { id: 2, parent: 1, resource: checkout, name: 'POST /checkout', kind: 2 },
      { id: 3, parent: 2, resource: checkout, name: 'SELECT orders', kind: 3 },
    ];
    for (const shape of shapes) {
      col.trace_id.push(hex(i + 1, 32));
      col.span_id.push(hex(i * 4 + shape.id, 16));
      col.parent_span_id.push(shape.parent === 0 ? '' : hex(i * 4 + shape.parent, 16));
      col.resource_id.push(shape.resource);
      col.name.push(shape.name);
      col.kind.push(shape.kind);
      col.start.push(start + BigInt(shape.id) * 1_000_000n);
      col.duration.push(BigInt(40 - shape.id * 10) * 1_000_000n);
      col.status.push(i % 10 === 0 ? 2 : 0);
      col.status_message.push('');
      col.attributes.push(
        shape.id === 3 ? { 'db.system.name': 'postgresql', 'server.address': 'orders-db' } : {},
      );
      spans.endRow();
    }
  }
  return [...([resources.take()].filter((b) => b !== undefined) as Batch[]), spans.take()];
}

/** One gauge with a sample a second; values with nulls' neighbours: NaN, infinities, zero. */
export function sampleBatches(samples: number, startMs = 1_700_000_000_000): readonly Batch[] {
  const resources = new ResourceInterner();
  const resource = resources.intern({ job: 'checkout', instance: 'checkout-0:9090' });
  const series = new BatchBuilder('metric_series');
  const id = seriesId('cpu_usage_ratio', resource, { mode: 'user' });
  series.col.series_id.push(id);
  series.col.metric.push('cpu_usage_ratio');
  series.col.kind.push('gauge');
  series.col.unit.push('1');
  series.col.description.push('');
  series.col.temporality.push('');
  series.col.step.push(1_000_000_000n);
  series.col.resource_id.push(resource);
  series.col.labels.push({ mode: 'user' });
  series.endRow();
  const rows = new BatchBuilder('samples');
  for (let i = 0; i < samples; i++) {
    rows.col.series_id.push(id);
    rows.col.ts.push(BigInt(startMs + i * 1000) * 1_000_000n);
    rows.col.value.push(Math.sin(i));
    rows.endRow();
  }
  const first = resources.take();
  return [...(first ? [first] : []), series.take(), rows.take()];
}
